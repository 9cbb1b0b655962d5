use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::table::Table;
use crate::{
    errors::ErrorReply,
    method_set::MethodSet,
    server::principal::Caller,
    span,
    stack::{CallFuture, Stack},
};

/// Limits the calls of each caller: made by [`RateLimitLayer`](super::RateLimitLayer).
#[derive(Clone, Debug)]
pub struct RateLimit<S> {
    inner: S,
    table: Arc<Table>,
    without: Arc<MethodSet>,
}

impl<S> RateLimit<S> {
    pub(super) fn new(inner: S, table: Arc<Table>, without: MethodSet) -> Self {
        Self {
            inner,
            table,
            without: Arc::new(without),
        }
    }
}

impl<S: Stack> Service<Request<Body>> for RateLimit<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CallFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !self.without.contain(request.uri().path())
            && let Err(wait) = self.table.count(Caller::of(&request))
        {
            return CallFuture::refuse(refusal(wait));
        }
        CallFuture::pass(self.inner.call(request))
    }
}

fn refusal(wait: Duration) -> Status {
    span::event("rate_limited");
    tracing::info!(retry_after_ms = wait.as_millis(), "rate limited");
    ErrorReply::new(Code::ResourceExhausted, "RATE_LIMITED", "too many calls")
        .retry_after(wait)
        .into_status()
}
