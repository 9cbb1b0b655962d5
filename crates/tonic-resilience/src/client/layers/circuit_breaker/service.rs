use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, StatusCode, response::Parts};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body, metadata::MetadataValue};
use tower_service::Service;

use super::{
    breaker::{Breaker, Outcome},
    metrics::TargetMetrics,
};
use crate::{
    completion::{CompletionFuture, OnComplete},
    deadline::Deadline,
    errors::ErrorReply,
    method_set::MethodSet,
    span,
    stack::{CallFuture, Refused, Stack, status_in_headers},
};

/// Stops calling a server that fails: made by [`CircuitBreakerLayer`](super::CircuitBreakerLayer).
#[derive(Clone, Debug)]
pub struct CircuitBreaker<S> {
    inner: S,
    shared: Arc<Shared>,
    streams: Arc<MethodSet>,
}

/// What the calls to one target share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) breaker: Mutex<Breaker>,
    pub(super) metrics: TargetMetrics,
}

/// A call that was let pass, until the breaker knows how it ended.
#[derive(Debug)]
pub struct Admission {
    shared: Arc<Shared>,
    generation: u64,
    deadline: Option<Deadline>,
    is_stream: bool,
    /// Nothing more is to be learnt of it.
    settled: bool,
}

impl<S> CircuitBreaker<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>, streams: MethodSet) -> Self {
        Self {
            inner,
            shared,
            streams: Arc::new(streams),
        }
    }
}

impl<S: Stack> Service<Request<Body>> for CircuitBreaker<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = CompletionFuture<CallFuture<S::Future>, Option<Admission>>;

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
                let call = CallFuture::pass(self.inner.call(request));
                CompletionFuture::new(call, Some(admission))
            }
            Err(wait) => {
                self.shared.metrics.refused.inc();
                CompletionFuture::new(CallFuture::refuse(refusal(wait)), None)
            }
        }
    }
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
            && status_in_headers(&headers.headers).is_none()
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
    span::attribute("tracewalk.breaker_state", "open");
    let mut status = ErrorReply::new(Code::Unavailable, "BREAKER_OPEN", "the server is failing")
        .retry_after(wait)
        .into_status();
    let never = MetadataValue::from_static("-1");
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", never);
    status
}
