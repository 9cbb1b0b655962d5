//! Stops calling a server that fails, and asks now and then whether it is back.
//!
//! Calls that are bound to fail cost the caller their deadline, and keep a server that is down
//! from getting up. The rule:
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
//! `DEADLINE_EXCEEDED`, `INTERNAL`, `UNKNOWN`, `DATA_LOSS`. The status counts wherever it comes, so
//! a stream that breaks counts. A call whose time was over counts when this process set
//! that time, and not at all when its caller did: a caller in a hurry says nothing of the server.
//! Neither does a caller who gives up, nor a call that was refused before it was sent. The result
//! of a call that began before a change of state is ignored.
//!
//! A stream may last for hours, and its last message may never come. As a probe it succeeds with its
//! headers. A probe that has neither these nor an end when 5 s are over makes room for another one.
//!
//! The refusal is `UNAVAILABLE` with `RetryInfo`, and with a pushback that keeps the retries quiet.
//! Visible as the span attribute [`breaker_state`](crate::names::Names::breaker_state), a log line at each change, and the
//! metrics `circuit_breaker_state{target}` (0 closed, 1 half-open, 2 open),
//! `circuit_breaker_transitions_total{target,to}` and `circuit_breaker_refused_total{target}`.
//! Pattern: [Circuit Breaker](https://martinfowler.com/bliki/CircuitBreaker.html).

mod breaker;
mod metrics;
mod window;

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests;

pub use self::{breaker::Settings, metrics::BreakerMetrics};

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use grpc_wire::status_code;
use http::{Request, Response, StatusCode, response::Parts};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body, metadata::MetadataValue};
use tower_layer::Layer;
use tower_service::Service;

use self::{
    breaker::{Breaker, Outcome},
    metrics::TargetMetrics,
};
use crate::{
    completion::{Completion, OnComplete},
    deadline::Deadline,
    errors::ErrorReply,
    method_set::MethodSet,
    names::{Names, with_names},
    response::{HookFuture, response_future},
    span,
    stack::{Refused, Stack},
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

/// What the calls to one target share.
#[derive(Debug)]
struct Shared {
    breaker: Mutex<Breaker>,
    metrics: TargetMetrics,
}

/// A call that was let pass, until the breaker knows how it ended.
#[derive(Debug)]
struct Admission {
    shared: Arc<Shared>,
    generation: u64,
    deadline: Option<Deadline>,
    is_stream: bool,
    /// Nothing more is to be learnt of it.
    settled: bool,
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

impl Shared {
    /// Asks or tells the breaker; says so when that changed its state.
    fn change<T>(&self, work: impl FnOnce(&mut Breaker) -> T) -> T {
        // The breaker's methods do not panic; if one did, its state would still be one of the three.
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let before = breaker.position();
        let result = work(&mut breaker);
        let after = breaker.position();
        // Under the lock, so that the gauge follows the order of the changes.
        if before != after {
            self.metrics.changed(after);
        }
        result
    }
}

impl Admission {
    fn settle(&self, outcome: Outcome) {
        let generation = self.generation;
        self.shared
            .change(|breaker| breaker.ended(generation, outcome, Instant::now()));
    }
}

impl OnComplete for Admission {
    fn headers(&mut self, headers: &Parts) {
        if headers.extensions.get::<Refused>().is_some() {
            // The server was not asked.
            self.settle(Outcome::Neutral);
            self.settled = true;
        } else if self.is_stream
            && headers.status == StatusCode::OK
            && status_code(&headers.headers).is_none()
        {
            let generation = self.generation;
            let began = |breaker: &mut Breaker| breaker.began(generation, Instant::now());
            self.settled = self.shared.change(began);
        }
    }

    fn complete(self, code: Code) {
        if self.settled {
            return;
        }
        let is_over = |deadline: Deadline| deadline.remaining().is_zero();
        let outcome = match code {
            // How long a caller waits is the caller's choice.
            Code::DeadlineExceeded | Code::Cancelled
                if self.deadline.is_some_and(Deadline::is_of_caller) =>
            {
                Outcome::Neutral
            }
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Internal
            | Code::Unknown
            | Code::DataLoss => Outcome::Failure,
            // The deadline stands outside, and drops a call when its time is over.
            Code::Cancelled if self.deadline.is_some_and(is_over) => Outcome::Failure,
            Code::Cancelled => Outcome::Neutral,
            _ => Outcome::Success,
        };
        self.settle(outcome);
    }
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
