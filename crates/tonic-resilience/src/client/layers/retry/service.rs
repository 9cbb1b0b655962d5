use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::Either;
use http::{Request, Response};
use prometheus::{IntCounter, IntCounterVec};
use tonic::body::Body;
use tower_service::Service;

use super::{RetryPolicy, attempts::Attempts, budget::Budget};
use crate::{
    span,
    stack::{CallFuture, Stack},
};

/// What the calls of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) policy: RetryPolicy,
    pub(super) budget: Budget,
    pub(super) retries: IntCounterVec,
    pub(super) exhausted: IntCounter,
}

/// Tries listed calls again: made by [`RetryLayer`](super::RetryLayer).
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Retry<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }
}

/// The attempts of a listed call: a sequence of steps, hence boxed.
type Sequence<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Retry<S>
where
    S: Stack<Future: Send>,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Sequence<S::Error>, CallFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request.extensions_mut().insert(span::Call::current());
        if !self.shared.policy.methods.contains(request.uri().path()) {
            return Either::Right(CallFuture::pass(self.inner.call(request)));
        }
        // The service that is ready makes the first attempt; its clone may not be ready.
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        let attempts = Attempts::new(Arc::clone(&self.shared));
        Either::Left(Box::pin(
            async move { Ok(attempts.run(ready, request).await) },
        ))
    }
}
