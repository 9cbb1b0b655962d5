//! Traces by id, the oldest out first; those that somebody may look at again stay longer.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    Limits,
    catalog::Catalog,
    evicted::Evicted,
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
    /// Traces that stay longer and would have left by now, in the same order: all of them are older
    /// than those of `order`.
    set_aside: VecDeque<TraceId>,
    set_aside_size: Size,
    catalog: Catalog,
    size: Size,
    evicted: Evicted,
}

/// What spans count against the limits.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    spans: usize,
    bytes: usize,
}

impl Size {
    fn add(&mut self, span: &Span) {
        self.spans += 1;
        self.bytes += span.weight;
    }

    fn remove(&mut self, span: &Span) {
        self.spans -= 1;
        self.bytes -= span.weight;
    }

    fn exceeds(self, spans: usize, bytes: usize) -> bool {
        self.spans > spans || self.bytes > bytes
    }
}

impl Ring {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            traces: HashMap::new(),
            order: VecDeque::new(),
            set_aside: VecDeque::new(),
            set_aside_size: Size::default(),
            catalog: Catalog::default(),
            size: Size::default(),
            evicted: Evicted::default(),
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
        let inserted = Arc::make_mut(trace).insert(Arc::clone(&span), limit);
        let is_set_aside = trace.is_set_aside;
        match inserted {
            Inserted::Full => return false,
            Inserted::Added => {}
            Inserted::Replaced(before) => self.forget(&before, is_set_aside),
        }
        self.catalog.add(&span);
        self.size.add(&span);
        if is_set_aside {
            self.set_aside_size.add(&span);
        }
        self.evict();
        true
    }

    pub(crate) fn snapshot(&self) -> Vec<Arc<Trace>> {
        let ids = self.set_aside.iter().chain(&self.order);
        let traces = ids.filter_map(|id| self.traces.get(id));
        traces.map(Arc::clone).collect()
    }

    pub(crate) fn trace(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.traces.get(&id).map(Arc::clone)
    }

    /// The trace that somebody looks at, and may look at again.
    pub(crate) fn open(&mut self, id: TraceId) -> Option<Arc<Trace>> {
        let trace = self.traces.get_mut(&id)?;
        if !trace.stays_longer() {
            Arc::make_mut(trace).stay_longer();
        }
        Some(Arc::clone(trace))
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) fn traces(&self) -> usize {
        self.traces.len()
    }

    pub(crate) fn spans(&self) -> usize {
        self.size.spans
    }

    pub(crate) fn evicted(&self) -> &Evicted {
        &self.evicted
    }

    /// Drops the oldest traces until the rest fits. A trace that is larger than the whole store
    /// goes too: a part of a trace would look like a fault of the service.
    ///
    /// A trace that stays longer is set aside when its turn comes, and leaves when those set aside
    /// take half of the store.
    fn evict(&mut self) {
        let Limits {
            max_spans,
            max_bytes,
            ..
        } = self.limits;
        while self.size.exceeds(max_spans, max_bytes) {
            if self.set_aside_size.exceeds(max_spans / 2, max_bytes / 2) {
                self.drop_oldest_set_aside();
            } else if let Some(oldest) = self.order.pop_front() {
                if !self.try_set_aside(oldest) {
                    self.drop_trace(oldest);
                }
            } else {
                self.drop_oldest_set_aside();
            }
        }
    }

    /// Moves a trace to those that are set aside, if it stays longer.
    fn try_set_aside(&mut self, id: TraceId) -> bool {
        let trace = self.traces.get_mut(&id).filter(|it| it.stays_longer());
        let Some(trace) = trace else {
            return false;
        };
        Arc::make_mut(trace).is_set_aside = true;
        trace
            .spans()
            .iter()
            .for_each(|span| self.set_aside_size.add(span));
        self.set_aside.push_back(id);
        true
    }

    fn drop_oldest_set_aside(&mut self) {
        if let Some(oldest) = self.set_aside.pop_front() {
            self.drop_trace(oldest);
        }
    }

    fn drop_trace(&mut self, id: TraceId) {
        let Some(trace) = self.traces.remove(&id) else {
            return;
        };
        for span in trace.spans() {
            self.forget(span, trace.is_set_aside);
        }
        self.evicted.add(id, trace.spans().len());
    }

    /// Takes a span out of the sums and the catalog.
    fn forget(&mut self, span: &Span, is_set_aside: bool) {
        self.size.remove(span);
        if is_set_aside {
            self.set_aside_size.remove(span);
        }
        self.catalog.remove(span);
    }
}
