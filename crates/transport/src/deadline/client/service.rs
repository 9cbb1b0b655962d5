use std::{
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tonic::body::Body;
use tower_service::Service;

use crate::{
    deadline::{Deadline, DeadlineFuture, format_timeout, future::exceeded, parse_timeout},
    stack::Stack,
};

/// Sends `grpc-timeout` with what is left: made by [`PropagateDeadlineLayer`].
///
/// [`PropagateDeadlineLayer`]: super::PropagateDeadlineLayer
#[derive(Clone, Debug)]
pub struct PropagateDeadline<S> {
    inner: S,
    timeout: Duration,
}

impl<S> PropagateDeadline<S> {
    pub(super) fn new(inner: S, timeout: Duration) -> Self {
        Self { inner, timeout }
    }

    /// The earliest of: the call that is served, the caller's wish, the layer's own timeout.
    fn deadline_of(&self, request: &Request<Body>) -> Deadline {
        let wish = request
            .headers()
            .get("grpc-timeout")
            .and_then(|value| parse_timeout(value).ok());
        let own = Deadline::after(wish.map_or(self.timeout, |wish| wish.min(self.timeout)));
        let served = request
            .extensions()
            .get()
            .copied()
            .or_else(Deadline::current);
        served.map_or(own, |served: Deadline| served.min(own))
    }
}

impl<S: Stack> Service<Request<Body>> for PropagateDeadline<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let deadline = self.deadline_of(&request);
        let left = deadline.remaining();
        if left.is_zero() {
            return DeadlineFuture::refused(exceeded());
        }
        request
            .headers_mut()
            .insert("grpc-timeout", format_timeout(left));
        request.extensions_mut().insert(deadline);
        let call = deadline.enter(|| self.inner.call(request));
        DeadlineFuture::bounded(call, deadline)
    }
}
