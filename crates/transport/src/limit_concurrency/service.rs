use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use crate::{
    ending::{EndFuture, Ended},
    errors::ErrorReply,
    services::Services,
    span,
    stack::{CallFuture, Stack},
};

/// What a caller who is shed is told to wait.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Sheds calls beyond a limit: made by [`LimitConcurrencyLayer`](super::LimitConcurrencyLayer).
#[derive(Clone, Debug)]
pub struct LimitConcurrency<S> {
    inner: S,
    free: Arc<Semaphore>,
    without: Arc<Services>,
}

impl<S> LimitConcurrency<S> {
    pub(super) fn new(inner: S, free: Arc<Semaphore>, without: Services) -> Self {
        Self {
            inner,
            free,
            without: Arc::new(without),
        }
    }
}

impl<S: Stack> Service<Request<Body>> for LimitConcurrency<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = EndFuture<CallFuture<S::Future>, Permit>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if self.without.contain(request.uri().path()) {
            let call = CallFuture::pass(self.inner.call(request));
            return EndFuture::new(call, Permit(None));
        }
        match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => {
                let call = CallFuture::pass(self.inner.call(request));
                EndFuture::new(call, Permit(Some(permit)))
            }
            Err(_) => EndFuture::new(CallFuture::refuse(shed()), Permit(None)),
        }
    }
}

/// The place of one call, free again when the call is over.
#[derive(Debug)]
pub struct Permit(Option<OwnedSemaphorePermit>);

impl Ended for Permit {
    fn ended(self, _: Code) {
        drop(self.0);
    }
}

fn shed() -> Status {
    span::event("shed");
    tracing::debug!("too many calls at a time, one is shed");
    ErrorReply::new(
        Code::ResourceExhausted,
        "TOO_MANY_CALLS",
        "the server is busy",
    )
    .retry_after(RETRY_AFTER)
    .into_status()
}
