use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower_service::Service;

use super::{CatchPanicFuture, caught};
use crate::stack::Stack;

/// Turns panics into `INTERNAL`: made by [`CatchPanicLayer`](super::CatchPanicLayer).
#[derive(Clone, Debug)]
pub struct CatchPanic<S> {
    inner: S,
}

impl<S> CatchPanic<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S: Stack> Service<Request<Body>> for CatchPanic<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CatchPanicFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        CatchPanicFuture::new(caught(|| self.inner.call(request)))
    }
}
