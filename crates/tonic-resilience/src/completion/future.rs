use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::BoxError;

use super::{Completion, CompletionBody, OnComplete};
use crate::stack::{answer, status_in_headers};

pin_project! {
    /// A response future that tells [`Completion`] how the call ended, then or at the end of the body.
    #[derive(Debug)]
    pub struct CompletionFuture<T, F: OnComplete> {
        #[pin]
        inner: T,
        end: Option<Completion<F>>,
    }
}

impl<T, F: OnComplete> CompletionFuture<T, F> {
    /// Watches the call that `inner` makes.
    pub fn new(inner: T, ended: F) -> Self {
        Self {
            inner,
            end: Some(Completion::new(ended)),
        }
    }
}

impl<T, B, E, F> Future for CompletionFuture<T, F>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
    F: OnComplete + Send + 'static,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (headers, body) = answer(ready!(this.inner.poll(cx))).into_parts();
        let mut end = this
            .end
            .take()
            .expect("a future is not polled after it is ready");
        end.headers(&headers);
        let body = if let Some(code) = status_in_headers(&headers.headers) {
            end.end(code);
            body
        } else {
            Body::new(CompletionBody::new(body, end))
        };
        Poll::Ready(Ok(Response::from_parts(headers, body)))
    }
}
