//! Which traces were in the store and have left it.

use std::collections::{HashSet, VecDeque};

use crate::traces::model::TraceId;

/// The most ids that are remembered; 100,000 take 5 MB.
const MAX_IDS: usize = 100_000;

/// Counts evicted spans, and remembers the ids of the traces that left last.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    spans: u64,
    ids: HashSet<TraceId>,
    order: VecDeque<TraceId>,
}

impl Evicted {
    pub(super) fn add(&mut self, id: TraceId, spans: usize) {
        self.spans += spans as u64;
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > MAX_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    pub(crate) fn spans(&self) -> u64 {
        self.spans
    }

    pub(crate) fn contains(&self, id: TraceId) -> bool {
        self.ids.contains(&id)
    }
}
