use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use tonic::{Status, body::Body};
use tower::BoxError;

use super::answer;

/// In the extensions of an answer that a layer of this process gave itself: nobody else was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A refusal as an answer, marked with [`Refused`].
#[must_use]
pub fn refused(refusal: Status) -> Response<Body> {
    let mut response = refusal.into_http();
    response.extensions_mut().insert(Refused);
    response
}

pin_project! {
    /// The response future of a layer that lets a call pass, or refuses it.
    #[derive(Debug)]
    pub struct CallFuture<T> {
        #[pin]
        call: Option<T>,
        refusal: Option<Status>,
    }
}

impl<T> CallFuture<T> {
    /// Passes the call.
    pub fn pass(call: T) -> Self {
        Self {
            call: Some(call),
            refusal: None,
        }
    }

    /// Answers at once, without a call.
    #[must_use]
    pub fn refuse(refusal: Status) -> Self {
        Self {
            call: None,
            refusal: Some(refusal),
        }
    }
}

impl<T, B, E> Future for CallFuture<T>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(refusal) = this.refusal.take() {
            return Poll::Ready(Ok(refused(refusal)));
        }
        let call = this
            .call
            .as_pin_mut()
            .expect("a future is not polled after it is ready");
        Poll::Ready(Ok(answer(ready!(call.poll(cx)))))
    }
}
