use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::body::Body;
use tower_service::Service;

use super::PropagateDeadlineLayer;
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
    limits: Arc<PropagateDeadlineLayer>,
}

impl<S> PropagateDeadline<S> {
    pub(super) fn new(inner: S, limits: PropagateDeadlineLayer) -> Self {
        Self {
            inner,
            limits: Arc::new(limits),
        }
    }

    /// The earliest of: the call that is served, the handler's wish, the layer's own timeout.
    fn deadline_of(&self, request: &Request<Body>) -> Option<Deadline> {
        let wish = request
            .headers()
            .get("grpc-timeout")
            .and_then(|value| parse_timeout(value).ok());
        let own = self.limits.timeout_of(request.uri().path());
        let own = wish.into_iter().chain(own).min().map(Deadline::after);
        let served = request.extensions().get().copied();
        let served = served.or_else(Deadline::current);
        served.into_iter().chain(own).min()
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
        let Some(deadline) = self.deadline_of(&request) else {
            return DeadlineFuture::unbounded(self.inner.call(request));
        };
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
