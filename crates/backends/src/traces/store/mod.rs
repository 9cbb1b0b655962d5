//! The traces that are kept: bounded, in memory, gone when the process ends.
//!
//! One lock guards everything, and is never held for long: a reader takes shared pointers to the
//! traces ([`TraceStore::snapshot`]) and reads them without the lock. A trace that grows meanwhile
//! is copied first ([`Arc::make_mut`]), and a copy is a list of pointers.

mod catalog;
mod evicted;
mod limits;
mod outcome;
mod refused;
mod ring;
mod trace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use limits::Limits;
pub(crate) use outcome::InsertOutcome;
pub(crate) use refused::Reason;
pub use refused::RefusedRequests;
use ring::Ring;
pub(crate) use trace::Trace;

use super::{
    logs::{LogRecord, LogRing},
    model::{BadId, Span, SpanKind, TraceId},
};
use crate::intern::{Text, Texts};

/// The last traces that were sent, whole, and what was logged during them, up to a limit. Clones
/// share them.
#[derive(Clone, Debug)]
pub struct TraceStore {
    state: Arc<Mutex<State>>,
}

/// What a [`TraceStore`] holds, and what it could not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Traces in the store, the unfinished ones too.
    pub traces: usize,
    /// Spans in the store.
    pub spans: usize,
    /// Spans that were stored once and made room for later ones.
    pub evicted_spans: u64,
    /// Spans that were never stored: [`bad_ids`](Self::bad_ids) and
    /// [`beyond_limit`](Self::beyond_limit).
    pub rejected_spans: u64,
    /// Spans with an id of the wrong length, or of zeros.
    pub bad_ids: u64,
    /// Spans beyond the [limit of their trace](Limits::max_spans_per_trace).
    pub beyond_limit: u64,
    /// Requests to the OTLP endpoint that were refused as a whole, whatever was in them.
    pub refused_requests: RefusedRequests,
    /// Log records in the store.
    pub log_records: usize,
    /// Log records that made room for later ones.
    pub evicted_log_records: u64,
}

#[derive(Debug)]
struct State {
    texts: Texts,
    ring: Ring,
    logs: LogRing,
    rejected: InsertOutcome,
    refused: RefusedRequests,
}

impl TraceStore {
    /// An empty store that never holds more than `limits` allow.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let state = State {
            texts: Texts::default(),
            ring: Ring::new(limits),
            logs: LogRing::new(limits.max_log_records, limits.max_log_bytes),
            rejected: InsertOutcome::default(),
            refused: RefusedRequests::default(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The numbers of this moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let state = self.lock();
        Stats {
            traces: state.ring.traces(),
            spans: state.ring.spans(),
            evicted_spans: state.ring.evicted().spans(),
            rejected_spans: state.rejected.rejected(),
            bad_ids: state.rejected.bad_ids,
            beyond_limit: state.rejected.trace_full,
            refused_requests: state.refused,
            log_records: state.logs.len(),
            evicted_log_records: state.logs.evicted(),
        }
    }

    /// Keeps the spans of one export, and says which it could not keep.
    ///
    /// `decode` calls its second argument with each span, or with the error in its ids. It takes
    /// the texts of the spans from its first argument.
    pub(crate) fn insert(
        &self,
        decode: impl FnOnce(&mut Texts, &mut dyn FnMut(Result<Span, BadId>)),
    ) -> InsertOutcome {
        let mut state = self.lock();
        let State {
            texts,
            ring,
            rejected,
            ..
        } = &mut *state;
        let mut outcome = InsertOutcome::default();
        decode(texts, &mut |decoded| match decoded {
            Ok(span) => outcome.trace_full += u64::from(!ring.insert(span)),
            Err(_) => outcome.bad_ids += 1,
        });
        rejected.bad_ids += outcome.bad_ids;
        rejected.trace_full += outcome.trace_full;
        texts.sweep_when_grown();
        outcome
    }

    /// Counts a request that was refused as a whole.
    pub(crate) fn refuse(&self, reason: Reason) {
        self.lock().refused.add(reason);
    }

    /// Keeps log records; `decode` calls its second argument with each.
    pub(crate) fn insert_logs(&self, decode: impl FnOnce(&mut Texts, &mut dyn FnMut(LogRecord))) {
        let mut state = self.lock();
        let State { texts, logs, .. } = &mut *state;
        decode(texts, &mut |record| logs.insert(record));
        texts.sweep_when_grown();
    }

    /// What was logged during a trace, in the order of arrival.
    pub(crate) fn logs(&self, id: TraceId) -> Vec<Arc<LogRecord>> {
        self.lock().logs.of(id)
    }

    /// What was logged last, whatever the trace, the latest first.
    pub(crate) fn latest_logs(&self, count: usize) -> Vec<Arc<LogRecord>> {
        self.lock().logs.latest(count)
    }

    /// Every trace, in the order of arrival.
    pub(crate) fn snapshot(&self) -> Vec<Arc<Trace>> {
        self.lock().ring.snapshot()
    }

    pub(crate) fn trace(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.lock().ring.trace(id)
    }

    /// The trace that somebody looks at by its id: it stays longer than others.
    pub(crate) fn open(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.lock().ring.open(id)
    }

    /// Whether this trace was here, and made room for later ones.
    pub(crate) fn was_evicted(&self, id: TraceId) -> bool {
        self.lock().ring.evicted().contains(id)
    }

    /// The names of all services that have a span in the store, sorted.
    pub(crate) fn services(&self) -> Vec<Text> {
        self.lock().ring.catalog().services()
    }

    /// The operations of a service, sorted; with their kinds, so a name can be there twice.
    pub(crate) fn operations(&self, service: &str) -> Vec<(Text, SpanKind)> {
        self.lock().ring.catalog().operations(service)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that can panic, and a demo that shows
        // its traces after a bug is worth more than one that answers nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TraceStore {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}
