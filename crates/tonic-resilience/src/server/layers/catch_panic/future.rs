use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use tonic::{Status, body::Body};
use tower::BoxError;

use super::{body::CatchPanicBody, caught};
use crate::stack::{answer, status_in_headers};

pin_project! {
    /// The response future of [`CatchPanic`](super::CatchPanic).
    #[derive(Debug)]
    pub struct CatchPanicFuture<T> {
        #[pin]
        call: Option<T>,
        panicked: Option<Status>,
    }
}

impl<T> CatchPanicFuture<T> {
    pub(super) fn new(call: Result<T, Status>) -> Self {
        match call {
            Ok(call) => Self {
                call: Some(call),
                panicked: None,
            },
            Err(status) => Self {
                call: None,
                panicked: Some(status),
            },
        }
    }
}

impl<T, B, E> Future for CatchPanicFuture<T>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(status) = this.panicked.take() {
            return Poll::Ready(Ok(status.into_http()));
        }
        let call = this
            .call
            .as_mut()
            .as_pin_mut()
            .expect("a future is not polled after it is ready");
        let response = match caught(|| call.poll(cx)) {
            Ok(poll) => answer(ready!(poll)),
            Err(status) => {
                this.call.set(None);
                return Poll::Ready(Ok(status.into_http()));
            }
        };
        if status_in_headers(response.headers()).is_some() {
            return Poll::Ready(Ok(response));
        }
        Poll::Ready(Ok(response.map(|body| Body::new(CatchPanicBody::new(body)))))
    }
}
