use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::layer::Free;
use crate::{
    completion::{CompletionFuture, OnComplete},
    errors::ErrorReply,
    method_set::MethodSet,
    span,
    stack::{CallFuture, Stack},
};

/// What a caller who is shed is told to wait.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Sheds calls beyond a limit: made by [`ConcurrencyLimitLayer`](super::ConcurrencyLimitLayer).
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit<S> {
    inner: S,
    free: Arc<Free>,
    streams: Arc<MethodSet>,
    without: Arc<MethodSet>,
}

impl<S> ConcurrencyLimit<S> {
    pub(super) fn new(inner: S, free: Arc<Free>, streams: MethodSet, without: MethodSet) -> Self {
        Self {
            inner,
            free,
            streams: Arc::new(streams),
            without: Arc::new(without),
        }
    }

    /// The place of a call, or why there is none.
    fn place(&self, path: &str) -> Result<Permit, Status> {
        if self.without.contain(path) {
            return Ok(Permit::default());
        }
        let take = |free: &Arc<Semaphore>| Arc::clone(free).try_acquire_owned();
        let busy = |reason| move |_: TryAcquireError| shed(reason);
        let is_stream = self.streams.contain(path);
        let stream = is_stream.then(|| take(&self.free.streams)).transpose();
        Ok(Permit {
            _stream: stream.map_err(busy("TOO_MANY_STREAMS"))?,
            _call: Some(take(&self.free.calls).map_err(busy("TOO_MANY_CALLS"))?),
        })
    }
}

impl<S: Stack> Service<Request<Body>> for ConcurrencyLimit<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CompletionFuture<CallFuture<S::Future>, Permit>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.place(request.uri().path()) {
            Ok(permit) => CompletionFuture::new(CallFuture::pass(self.inner.call(request)), permit),
            Err(refusal) => CompletionFuture::new(CallFuture::refuse(refusal), Permit::default()),
        }
    }
}

/// The place of one call, free again when the call is over.
#[derive(Debug, Default)]
pub struct Permit {
    _call: Option<OwnedSemaphorePermit>,
    _stream: Option<OwnedSemaphorePermit>,
}

impl OnComplete for Permit {
    fn complete(self, _: Code) {}
}

fn shed(reason: &'static str) -> Status {
    span::event("shed");
    tracing::debug!(reason, "too many calls at a time, one is shed");
    ErrorReply::new(Code::ResourceExhausted, reason, "the server is busy")
        .retry_after(RETRY_AFTER)
        .into_status()
}
