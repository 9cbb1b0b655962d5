//! Log records by trace, oldest out first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::model::{Resource, SpanId, Tag, TraceId};
use crate::intern::Text;

/// Something that was logged during a trace.
#[derive(Debug)]
pub(crate) struct LogRecord {
    pub(crate) trace_id: TraceId,
    /// `None` where the sender knew the trace and not the span. The span need not be in the store.
    pub(crate) span_id: Option<SpanId>,
    /// In nanoseconds since 1970.
    pub(crate) time: u64,
    /// As `WARN`.
    pub(crate) severity: Text,
    /// Which part of the program logged it: the name of its scope.
    pub(crate) target: Text,
    pub(crate) body: Text,
    pub(crate) tags: Box<[Tag]>,
    pub(crate) resource: Arc<Resource>,
    /// Bytes on the wire: what it counts against the limit.
    pub(crate) weight: usize,
}

/// The bounded part of the store for logs: every insertion ends within the limits.
///
/// Records leave one by one and not with their trace: a trace that logs much pushes out its own
/// records.
#[derive(Debug)]
pub(crate) struct LogRing {
    max_records: usize,
    max_bytes: usize,
    by_trace: HashMap<TraceId, VecDeque<Arc<LogRecord>>>,
    /// The trace of each record, in the order of arrival.
    order: VecDeque<TraceId>,
    bytes: usize,
    evicted: u64,
}

impl LogRing {
    pub(crate) fn new(max_records: usize, max_bytes: usize) -> Self {
        Self {
            max_records,
            max_bytes,
            by_trace: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            evicted: 0,
        }
    }

    pub(crate) fn insert(&mut self, record: LogRecord) {
        let trace_id = record.trace_id;
        self.bytes += record.weight;
        self.order.push_back(trace_id);
        self.by_trace
            .entry(trace_id)
            .or_default()
            .push_back(Arc::new(record));
        while self.order.len() > self.max_records || self.bytes > self.max_bytes {
            self.evict();
        }
    }

    /// What was logged during a trace, in the order of arrival.
    pub(crate) fn of(&self, trace_id: TraceId) -> Vec<Arc<LogRecord>> {
        let records = self.by_trace.get(&trace_id).into_iter().flatten();
        records.map(Arc::clone).collect()
    }

    /// The last records that came, at most `count`, the latest first.
    pub(crate) fn latest(&self, count: usize) -> Vec<Arc<LogRecord>> {
        let mut seen: HashMap<TraceId, usize> = HashMap::new();
        let latest = self.order.iter().rev().take(count);
        let records = latest.filter_map(|trace_id| {
            // `order` has only trace ids. From its end, the nth occurrence of an id stands for the
            // nth record from the end of this trace.
            let nth = seen.entry(*trace_id).or_default();
            *nth += 1;
            let records = self.by_trace.get(trace_id)?;
            records.get(records.len().checked_sub(*nth)?)
        });
        records.map(Arc::clone).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    fn evict(&mut self) {
        let oldest = self.order.pop_front().and_then(|trace_id| {
            let records = self.by_trace.get_mut(&trace_id)?;
            let oldest = records.pop_front();
            if records.is_empty() {
                self.by_trace.remove(&trace_id);
            }
            oldest
        });
        self.bytes -= oldest.map_or(0, |record| record.weight);
        self.evicted += 1;
    }
}
