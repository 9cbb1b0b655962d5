//! The spans of one trace, as far as they have arrived.

use std::sync::Arc;

use crate::span::{Span, SpanId, TraceId};

/// Spans with the same trace id, sorted by span id. Never empty while it is in the store.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    id: TraceId,
    spans: Vec<Arc<Span>>,
    start: u64,
}

/// What [`Trace::insert`] did.
#[derive(Debug)]
pub(crate) enum Inserted {
    Added,
    /// The span was there already and is the old one of the two: exporters send again what they
    /// got no answer for.
    Replaced(Arc<Span>),
    /// The trace has as many spans as it may have.
    Full,
}

impl Trace {
    pub(crate) fn new(id: TraceId) -> Self {
        Self {
            id,
            spans: Vec::new(),
            start: u64::MAX,
        }
    }

    pub(crate) fn id(&self) -> TraceId {
        self.id
    }

    /// The earliest start of a span, in nanoseconds since 1970.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    pub(crate) fn spans(&self) -> &[Arc<Span>] {
        &self.spans
    }

    pub(crate) fn span(&self, id: SpanId) -> Option<&Arc<Span>> {
        let place = self.find(id).ok()?;
        self.spans.get(place)
    }

    pub(crate) fn insert(&mut self, span: Arc<Span>, limit: usize) -> Inserted {
        match self.find(span.id) {
            Ok(place) => {
                self.start = self.start.min(span.start);
                Inserted::Replaced(std::mem::replace(&mut self.spans[place], span))
            }
            Err(_) if self.spans.len() >= limit => Inserted::Full,
            Err(place) => {
                self.start = self.start.min(span.start);
                self.spans.insert(place, span);
                Inserted::Added
            }
        }
    }

    /// The place of the span, or the one where it would be.
    fn find(&self, id: SpanId) -> Result<usize, usize> {
        self.spans.binary_search_by_key(&id, |span| span.id)
    }
}
