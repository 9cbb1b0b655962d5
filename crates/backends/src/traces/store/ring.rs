//! Traces by id, oldest out first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    Limits,
    catalog::Catalog,
    trace::{Inserted, Trace},
};
use crate::traces::model::{Span, TraceId};

/// The bounded part of the store: every insertion ends within the limits.
#[derive(Debug)]
pub(crate) struct Ring {
    limits: Limits,
    traces: HashMap<TraceId, Arc<Trace>>,
    /// The order in which the traces arrived, which is the order in which they leave.
    order: VecDeque<TraceId>,
    catalog: Catalog,
    spans: usize,
    bytes: usize,
    evicted: u64,
}

impl Ring {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            traces: HashMap::new(),
            order: VecDeque::new(),
            catalog: Catalog::default(),
            spans: 0,
            bytes: 0,
            evicted: 0,
        }
    }

    /// Keeps the span, or answers `false` because its trace is full.
    pub(crate) fn insert(&mut self, span: Span) -> bool {
        let span = Arc::new(span);
        let trace = self.traces.entry(span.trace_id).or_insert_with(|| {
            self.order.push_back(span.trace_id);
            Arc::new(Trace::new(span.trace_id))
        });
        let limit = self.limits.max_spans_per_trace.max(1);
        match Arc::make_mut(trace).insert(Arc::clone(&span), limit) {
            Inserted::Full => return false,
            Inserted::Added => {}
            Inserted::Replaced(before) => self.forget(&before),
        }
        self.catalog.add(&span);
        self.spans += 1;
        self.bytes += span.weight;
        self.evict();
        true
    }

    pub(crate) fn snapshot(&self) -> Vec<Arc<Trace>> {
        let traces = self.order.iter().filter_map(|id| self.traces.get(id));
        traces.map(Arc::clone).collect()
    }

    pub(crate) fn trace(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.traces.get(&id).map(Arc::clone)
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) fn traces(&self) -> usize {
        self.traces.len()
    }

    pub(crate) fn spans(&self) -> usize {
        self.spans
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Drops the oldest traces until the rest fits. A trace that is larger than the whole store
    /// goes too: a part of a trace would look like a fault of the service.
    fn evict(&mut self) {
        while self.spans > self.limits.max_spans || self.bytes > self.limits.max_bytes {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            let trace = self.traces.remove(&oldest);
            for span in trace.iter().flat_map(|trace| trace.spans()) {
                self.forget(span);
                self.evicted += 1;
            }
        }
    }

    /// Takes a span out of the sums and the catalog.
    fn forget(&mut self, span: &Span) {
        self.spans -= 1;
        self.bytes -= span.weight;
        self.catalog.remove(span);
    }
}
