//! Stops calling a server that fails, and asks now and then whether it is back.
//!
//! Calls that are bound to fail take the caller's time, and keep the server from recovering. The
//! rule:
//!
//! ```text
//!           10 calls or more and half of them fail, in the last 10 s
//!   CLOSED ───────────────────────────────────────────────────────► OPEN: all refused
//!     ▲                                                              │ 5 s later, at the next call
//!     │ 3 probes succeed                                             ▼
//!     └────────────────────────────────────────────────────────── HALF-OPEN: 3 probes, the rest
//!                                                                    │       refused
//!                                                   one probe fails ─┴─► OPEN
//! ```
//!
//! A call fails when its status says that the server is in trouble: `UNAVAILABLE`,
//! `DEADLINE_EXCEEDED`, `INTERNAL`, `UNKNOWN`, `DATA_LOSS`. A status in the trailers counts too, so
//! a stream that breaks is a failure. A call that exceeds its deadline counts only if this process
//! set the deadline: one that the caller chose says nothing about the server. A call that its
//! caller cancels does not count, nor one that is refused before it is sent. The result of a call
//! that began before a change of state is ignored.
//!
//! A stream may last for hours, so as a probe it succeeds with its headers. A probe without a
//! result after 5 s makes room for another one.
//!
//! The refusal is `UNAVAILABLE` with `RetryInfo`, and with a pushback, so that it is not retried.
//! Visible as the span attribute [`breaker_state`](crate::names::Names::breaker_state), a log line at each change, and the
//! metrics `circuit_breaker_state{target}` (0 closed, 1 half-open, 2 open),
//! `circuit_breaker_transitions_total{target,to}` and `circuit_breaker_refused_total{target}`.
//! Pattern: [Circuit Breaker](https://martinfowler.com/bliki/CircuitBreaker.html).

mod admission;
mod breaker;
mod metrics;
mod window;

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests;

pub use self::{breaker::Settings, metrics::BreakerMetrics};

use std::{
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body, metadata::MetadataValue};
use tower_layer::Layer;
use tower_service::Service;

use self::{
    admission::{Admission, Shared},
    breaker::Breaker,
};
use crate::{
    completion::Completion,
    errors::ErrorReply,
    method_set::MethodSet,
    names::{Names, with_names},
    response::{HookFuture, response_future},
    span,
    stack::Stack,
};

/// Stops calling a server that fails. Inside the retries, outside the attempts' spans.
///
/// Clones of the layer and its services share the breaker: make one for each target.
///
/// ```
/// # use tonic_resilience::client::layers::circuit_breaker::{BreakerMetrics, CircuitBreakerLayer, Settings};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), prometheus::Error> {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let metrics = BreakerMetrics::new(prometheus::default_registry())?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(CircuitBreakerLayer::new("user", Settings::default(), &metrics))
///     .service(channel);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer {
    shared: Arc<Shared>,
    streams: MethodSet,
    names: &'static Names,
}

impl CircuitBreakerLayer {
    /// A breaker for `target`, the name in the metrics.
    #[must_use]
    pub fn new(target: &str, settings: Settings, metrics: &BreakerMetrics) -> Self {
        Self {
            shared: Arc::new(Shared {
                breaker: Mutex::new(Breaker::new(settings, Instant::now())),
                metrics: metrics.of(target),
            }),
            streams: MethodSet::default(),
            names: Default::default(),
        }
    }

    with_names!(names);

    /// Names the streaming methods: as probes they succeed with their headers, for their end may be
    /// far off.
    #[must_use]
    pub fn streams<'a>(mut self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }
}

impl<S> Layer<S> for CircuitBreakerLayer {
    type Service = CircuitBreaker<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CircuitBreaker {
            inner,
            shared: Arc::clone(&self.shared),
            streams: Arc::new(self.streams.clone()),
            names: self.names,
        }
    }
}

/// Stops calling a server that fails: made by [`CircuitBreakerLayer`].
#[derive(Clone, Debug)]
pub struct CircuitBreaker<S> {
    inner: S,
    shared: Arc<Shared>,
    streams: Arc<MethodSet>,
    names: &'static Names,
}

impl<S: Stack> Service<Request<Body>> for CircuitBreaker<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.shared.change(|breaker| breaker.admit(Instant::now())) {
            Ok(generation) => {
                let admission = Admission {
                    shared: Arc::clone(&self.shared),
                    generation,
                    deadline: request.extensions().get().copied(),
                    is_stream: self.streams.contain(request.uri().path()),
                    settled: false,
                };
                HookFuture::pass(self.inner.call(request), Completion::new(admission))
            }
            Err(wait) => {
                self.shared.metrics.refused.inc();
                span::attribute(self.names.breaker_state, "open");
                HookFuture::refuse(refusal(wait))
            }
        }
        .into()
    }
}

response_future! {
    /// The response future of [`CircuitBreaker`].
    Completion<Admission>
}

fn refusal(wait: Duration) -> Status {
    let mut status = ErrorReply::new(Code::Unavailable, "BREAKER_OPEN", "the server is failing")
        .retry_after(wait)
        .into_status();
    let never = MetadataValue::from_static("-1");
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", never);
    status
}
