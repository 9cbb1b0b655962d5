use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};
use tonic::{Code, Status, body::Body};
use tower::BoxError;

use super::{Deadline, body::DeadlineBody};
use crate::{
    errors::ErrorReply,
    span,
    stack::{answer, status_in_headers},
};

pin_project! {
    /// The response future of both layers: the answer, or `DEADLINE_EXCEEDED` at the deadline.
    ///
    /// At the deadline the call below is dropped, which cancels it.
    #[derive(Debug)]
    pub struct DeadlineFuture<T> {
        #[pin]
        call: Option<T>,
        #[pin]
        timer: Option<Sleep>,
        deadline: Option<Deadline>,
        refusal: Option<Status>,
    }
}

impl<T> DeadlineFuture<T> {
    /// Bounds `call`.
    pub(crate) fn bounded(call: T, deadline: Deadline) -> Self {
        Self {
            call: Some(call),
            // Armed before the call is polled, so that no timer below can be earlier.
            timer: Some(sleep_until(deadline.at)),
            deadline: Some(deadline),
            refusal: None,
        }
    }

    /// Lets `call` take the time that it takes.
    pub(crate) fn unbounded(call: T) -> Self {
        Self {
            call: Some(call),
            timer: None,
            deadline: None,
            refusal: None,
        }
    }

    /// Answers at once, without a call.
    pub(crate) fn refused(refusal: Status) -> Self {
        Self {
            call: None,
            timer: None,
            deadline: None,
            refusal: Some(refusal),
        }
    }
}

impl<T, B, E> Future for DeadlineFuture<T>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(refusal) = this.refusal.take() {
            return Poll::Ready(Ok(refusal.into_http()));
        }
        let timer = this.timer.as_mut().as_pin_mut();
        let is_over = timer.is_some_and(|timer| timer.poll(cx).is_ready());
        let call = this
            .call
            .as_mut()
            .as_pin_mut()
            .expect("a future is not polled after it is ready");
        // Also when the time is over: an inner deadline ends the calls below in good order.
        let result = match *this.deadline {
            Some(deadline) => deadline.enter(|| call.poll(cx)),
            None => call.poll(cx),
        };
        if is_over && result.is_pending() {
            this.call.set(None);
            return Poll::Ready(Ok(exceeded().into_http()));
        }
        let response = answer(ready!(result));
        Poll::Ready(Ok(match *this.deadline {
            Some(deadline) if status_in_headers(response.headers()).is_none() => {
                response.map(|body| Body::new(DeadlineBody::new(body, deadline)))
            }
            _ => response,
        }))
    }
}

/// The refusal at the deadline, also said in the span and in the log.
pub(crate) fn exceeded() -> Status {
    span::event("deadline_exceeded");
    tracing::info!("deadline exceeded");
    let message = "the deadline is over";
    ErrorReply::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).into_status()
}
