use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use super::Strategy;
use super::poll::{Poll, Question};

/// Samples as a server says.
#[derive(Clone, Debug)]
pub(super) struct RemoteSampler {
    strategy: Arc<RwLock<Strategy>>,
    /// Asks as long as a sampler is there to listen.
    _poll: Arc<Poll>,
}

impl RemoteSampler {
    /// Starts to ask the server.
    ///
    /// # Errors
    ///
    /// What the operating system says where it has no thread to give.
    pub(super) fn start(question: Question) -> io::Result<Self> {
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
