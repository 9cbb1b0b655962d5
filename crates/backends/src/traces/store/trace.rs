//! The spans of one trace, as far as they have arrived.

use std::{ops::Range, sync::Arc};

use crate::traces::model::{Span, SpanId, SpanKind, TraceId};

/// Spans with the same trace id, sorted by span id, kind and service. Never empty while it is in
/// the store.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    id: TraceId,
    spans: Vec<Arc<Span>>,
    start: u64,
    refused: u64,
    stays_longer: bool,
    /// Whether the store keeps it among those that stay longer, which leave last.
    pub(super) is_set_aside: bool,
}

/// The attributes that make a trace stay longer: what Jaeger's clients write, and the semantic convention
/// for the header of that name.
const DEBUG_IDS: [&str; 2] = ["jaeger-debug-id", "rpc.request.metadata.jaeger-debug-id"];

/// What [`Trace::insert`] did.
#[derive(Debug)]
pub(crate) enum Inserted {
    Added,
    /// The span was there already; this is the old one. An exporter sends a batch again when it
    /// got no answer.
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
            refused: 0,
            stays_longer: false,
            is_set_aside: false,
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

    /// How many spans were refused because the trace was full.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether somebody may look at it later: its caller sent a debug id, or it was opened before.
    pub(super) fn stays_longer(&self) -> bool {
        self.stays_longer
    }

    pub(super) fn stay_longer(&mut self) {
        self.stays_longer = true;
    }

    /// The places of the spans with this id: more than one where a client and its server share it,
    /// as Zipkin's do.
    pub(crate) fn places(&self, id: SpanId) -> Range<usize> {
        let first = self.spans.partition_point(|span| span.id < id);
        let after = self.spans[first..].partition_point(|span| span.id == id);
        first..first + after
    }

    pub(crate) fn insert(&mut self, span: Arc<Span>, limit: usize) -> Inserted {
        let found = self
            .spans
            .binary_search_by(|other| identity(other).cmp(&identity(&span)));
        match found {
            Ok(place) => {
                self.start = self.start.min(span.start);
                Inserted::Replaced(std::mem::replace(&mut self.spans[place], span))
            }
            Err(_) if self.spans.len() >= limit => {
                self.refused += 1;
                Inserted::Full
            }
            Err(place) => {
                let mut tags = span.tags.iter();
                self.stays_longer |= tags.any(|tag| DEBUG_IDS.contains(&&*tag.key));
                self.start = self.start.min(span.start);
                self.spans.insert(place, span);
                Inserted::Added
            }
        }
    }
}

/// Spans with the same identity are one span that was sent again.
fn identity(span: &Span) -> (SpanId, SpanKind, &str) {
    (span.id, span.kind, span.service())
}
