use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tonic::body::Body;
use tower::BoxError;

use super::plan::{End, Plan};
use crate::stack::answer;

pin_project! {
    /// The response future of [`InjectFault`](super::InjectFault).
    #[derive(Debug)]
    pub struct InjectFaultFuture<T> {
        #[pin]
        delay: Option<Sleep>,
        end: Option<End>,
        drop_context: bool,
        // Does nothing before it is polled.
        #[pin]
        call: T,
    }
}

impl<T> InjectFaultFuture<T> {
    pub(super) fn new(plan: Plan, call: T) -> Self {
        Self {
            delay: plan.delay.map(sleep),
            end: plan.end,
            drop_context: plan.drop_context,
            call,
        }
    }
}

impl<T, B, E> Future for InjectFaultFuture<T>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(delay) = this.delay.as_mut().as_pin_mut() {
            ready!(delay.poll(cx));
            this.delay.set(None);
        }
        match this.end {
            Some(End::Failure(status)) => return Poll::Ready(Ok(status.clone().into_http())),
            // The layers outside end it, or the caller does.
            Some(End::Hang) => return Poll::Pending,
            Some(End::Panic) => panic!("the caller asked for a panic"),
            None => {}
        }
        let _forgotten = this
            .drop_context
            .then(|| opentelemetry::Context::new().attach());
        Poll::Ready(Ok(answer(ready!(this.call.poll(cx)))))
    }
}
