//! Retries calls where that is safe and may help, as [gRFC A6][a6] says.
//!
//! A call is retried when all of this holds:
//!
//! - its method is listed: it is idempotent, always or by an idempotency key, and its request is one
//!   message;
//! - the answer is trailers-only, so the caller has seen nothing of it yet (after headers a call is
//!   *committed*), and its code is in the policy;
//! - attempts are left, the wait ends before the deadline, and the server does not forbid it with
//!   `grpc-retry-pushback-ms`;
//! - the budget that all calls share has tokens. When a server fails every call, the budget is
//!   empty after a few retries, so retries do not add to the load of the server.
//!
//! Visible as one span for the call and one for each attempt, the attributes [`attempts`](crate::names::Names::attempts)
//! and [`retry_stopped_by`](crate::names::Names::retry_stopped_by), the metadata `grpc-previous-rpc-attempts` on the wire, an info
//! log line a retry, and the metrics `grpc_client_retries_total{service,method,reason}` and
//! `grpc_client_retry_budget_exhausted_total{target}`.
//!
//! [a6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md

mod attempts;
mod backoff;
mod budget;
mod metrics;
mod policy;
mod replay;

#[cfg(test)]
mod tests;

pub use self::{metrics::RetryMetrics, policy::RetryPolicy};

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
use tower_layer::Layer;
use tower_service::Service;

use self::{attempts::Attempts, budget::Budget};
use crate::{
    response::{HookFuture, response_future},
    span,
    stack::Stack,
};

/// Retries listed methods. Inside the deadline, outside the breaker and the attempts' spans.
///
/// Clones of the layer and its services share the budget.
///
/// ```
/// # use tonic_resilience::client::layers::retry::{RetryLayer, RetryMetrics, RetryPolicy};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), prometheus::Error> {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let policy = RetryPolicy::default().idempotent("tracewalk.user.v1.UserService/GetUser");
/// let metrics = RetryMetrics::new(prometheus::default_registry())?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(RetryLayer::new("user", policy, &metrics))
///     .service(channel);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct RetryLayer {
    shared: Arc<Shared>,
}

impl RetryLayer {
    /// Retries calls to `target`, the name in the metrics, by `policy`.
    #[must_use]
    pub fn new(target: &str, policy: RetryPolicy, metrics: &RetryMetrics) -> Self {
        metrics.start_at_zero(&policy);
        Self {
            shared: Arc::new(Shared {
                policy,
                budget: Budget::full(),
                retries: metrics.retries.clone(),
                exhausted: metrics.exhausted.with_label_values(&[target]),
            }),
        }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Retry {
            inner,
            shared: Arc::clone(&self.shared),
        }
    }
}

/// What the calls of a client share.
#[derive(Debug)]
struct Shared {
    policy: RetryPolicy,
    budget: Budget,
    retries: IntCounterVec,
    exhausted: IntCounter,
}

/// Retries calls of listed methods: made by [`RetryLayer`].
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    shared: Arc<Shared>,
}

/// The attempts of one call, boxed because the future of an `async fn` has no name.
type Sequence<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Retry<S>
where
    S: Stack<Future: Send>,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Sequence<S::Error>, ResponseFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request.extensions_mut().insert(span::Call::current());
        if !self.shared.policy.allows(&request) {
            return Either::Right(HookFuture::pass(self.inner.call(request), ()).into());
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

response_future! {
    /// The response future of a call that is not retried.
    ()
}
