use std::sync::{Arc, Mutex, PoisonError};

use grpc_wire::status_code;
use http::{StatusCode, response::Parts};
use tokio::time::Instant;
use tonic::Code;

use super::{
    breaker::{Breaker, Outcome},
    metrics::TargetMetrics,
};
use crate::{completion::OnComplete, deadline::Deadline, stack::Refused};

/// What the calls to one target share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) breaker: Mutex<Breaker>,
    pub(super) metrics: TargetMetrics,
}

/// A call that the breaker let pass, until its outcome is counted.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) shared: Arc<Shared>,
    pub(super) generation: u64,
    pub(super) deadline: Option<Deadline>,
    pub(super) is_stream: bool,
    /// Whether the outcome of the call is counted already.
    pub(super) settled: bool,
}

impl Shared {
    /// Runs `work` on the breaker; counts and logs a change of the breaker's state.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Breaker) -> T) -> T {
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
            // The call was refused before it reached the server.
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
            // The caller chose this deadline, so it says nothing about the server.
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
            // The deadline layer is outside the breaker, and drops a call when its time is over.
            Code::Cancelled if self.deadline.is_some_and(is_over) => Outcome::Failure,
            Code::Cancelled => Outcome::Neutral,
            _ => Outcome::Success,
        };
        self.settle(outcome);
    }
}
