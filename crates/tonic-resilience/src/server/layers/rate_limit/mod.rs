//! Limits the calls a second of each caller, with a burst: no caller can use up the server.
//!
//! A caller is a [`Principal`](crate::server::principal::Principal) when the identity layers found one, and
//! the address of the connection otherwise (of IPv6 its first 64 bits). The algorithm is
//! [GCRA][gcra]: it keeps one time for each caller, and needs no timer. The memory is bounded: when
//! the table is full, callers whose burst is complete again are removed, for they are like new.
//!
//! The refusal is `RESOURCE_EXHAUSTED`, with `RetryInfo` that says when the next call will pass.
//! Visible as the span event `rate_limited`, an info log line, and the `code` in the metrics.
//!
//! [gcra]: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use self::table::Table;
use crate::{
    errors::ErrorReply,
    method_set::MethodSet,
    response::{HookFuture, response_future},
    server::principal::Caller,
    span,
    stack::Stack,
};

mod table;

#[cfg(test)]
mod tests;

/// Most callers that are remembered.
const CALLERS: usize = 100_000;

/// Limits the calls of each caller. Inside the identity layers, outside the handlers.
///
/// Clones of the layer and its services share what they count.
///
/// ```
/// # use tonic_resilience::server::layers::rate_limit::RateLimitLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(RateLimitLayer::new(100, 200).without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    table: Arc<Table>,
    without: MethodSet,
}

impl RateLimitLayer {
    /// Allows each caller `rate` calls a second on average, and `burst` calls at once.
    ///
    /// Remembers up to 100,000 callers, some 10 MB; while so many are active, new ones are refused.
    #[must_use]
    pub fn new(rate: u32, burst: u32) -> Self {
        Self {
            table: Arc::new(Table::new(rate, burst, CALLERS)),
            without: MethodSet::default(),
        }
    }

    /// Exempts a service, by its full name: probes must get through.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimit {
            inner,
            table: Arc::clone(&self.table),
            without: Arc::new(self.without.clone()),
        }
    }
}

/// Limits the calls of each caller: made by [`RateLimitLayer`].
#[derive(Clone, Debug)]
pub struct RateLimit<S> {
    inner: S,
    table: Arc<Table>,
    without: Arc<MethodSet>,
}

impl<S: Stack> Service<Request<Body>> for RateLimit<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !self.without.contain(request.uri().path())
            && let Err(wait) = self.table.count(Caller::of(&request))
        {
            return HookFuture::refuse(refusal(wait)).into();
        }
        HookFuture::pass(self.inner.call(request), ()).into()
    }
}

response_future! {
    /// The response future of [`RateLimit`].
    ()
}

fn refusal(wait: Duration) -> Status {
    span::event("rate_limited");
    tracing::info!(retry_after_ms = wait.as_millis(), "rate limited");
    ErrorReply::new(Code::ResourceExhausted, "RATE_LIMITED", "too many calls")
        .retry_after(wait)
        .into_status()
}
