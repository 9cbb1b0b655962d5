//! Which traces are recorded, decided where a trace begins.
//!
//! | `OTEL_TRACES_SAMPLER` | records | choose it for |
//! |---|---|---|
//! | `parentbased_always_on`, the default | what the caller records, and every trace that begins here | a demo, a test, a calm service |
//! | `parentbased_traceidratio` | the same share of traces in each service | a busy one |
//! | `parentbased_jaeger_remote` | what Jaeger says, per service and operation, from minute to minute | many busy ones |
//!
//! Metrics count every call, whatever is recorded, and an unsampled context still travels: its
//! trace id is in the log lines of every service.
//!
//! # Errors and slow calls
//!
//! All of these decide before anybody knows how a call ends, so at 1 % ninety-nine of a hundred
//! errors leave no trace. Keeping those that failed or were slow needs the whole trace, and
//! belongs to the collector (`tail_sampling`). What it keeps is no fair picture of the traffic:
//! a latency percentile or an error rate that is computed from such traces is too high. Ask the
//! metrics for rates, and an exemplar for the trace.

mod choose;
mod messages;
mod poll;
mod strategy;
#[cfg(test)]
mod tests;

pub(crate) use choose::choose;

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use poll::{Poll, Question};
use strategy::Strategy;

/// Samples as a sampling server says.
#[derive(Clone, Debug)]
struct RemoteSampler {
    strategy: Arc<RwLock<Strategy>>,
    /// Asks until the last clone of the sampler is dropped.
    _poll: Arc<Poll>,
}

impl RemoteSampler {
    /// Starts to ask the server.
    ///
    /// # Errors
    ///
    /// The error of the operating system where it starts no thread.
    fn start(question: Question) -> io::Result<Self> {
        let strategy = Arc::new(RwLock::new(Strategy::Ratio(question.initial_ratio)));
        let poll = Poll::start(question, Arc::clone(&strategy))?;
        Ok(Self {
            strategy,
            _poll: Arc::new(poll),
        })
    }
}

impl ShouldSample for RemoteSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        _span_kind: &SpanKind,
        _attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        // Only replaced once a minute, so the lock is free.
        let strategy = self.strategy.read().unwrap_or_else(PoisonError::into_inner);
        let decision = if strategy.samples(trace_id, name) {
            SamplingDecision::RecordAndSample
        } else {
            SamplingDecision::Drop
        };
        let trace_state = parent.map_or(TraceState::NONE, |parent| {
            parent.span().span_context().trace_state().clone()
        });
        SamplingResult {
            decision,
            attributes: Vec::new(),
            trace_state,
        }
    }
}
