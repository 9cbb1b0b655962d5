//! Which span is the parent of which, and the id that each span is shown with.
//!
//! An id can stand for several spans: Zipkin's instrumentations give the two sides of a call the
//! same one. The UI and other readers need different ids, so the client keeps the shared one and
//! the server gets another, below the client: what Jaeger calls an adjusted trace.

use std::{
    cmp::Reverse,
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::Range,
};

use crate::traces::{
    model::{Span, SpanId, SpanKind},
    store::Trace,
};

/// The relations of the spans of one trace. Spans are named by their place in [`Trace::spans`].
#[derive(Debug)]
pub(crate) struct Ancestry<'a> {
    trace: &'a Trace,
    /// The id of each span as it is shown.
    ids: Vec<SpanId>,
    /// The ids that are made here, because the sender's id is shared.
    made: HashSet<SpanId>,
}

impl<'a> Ancestry<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        let mut ancestry = Self::as_sent(trace);
        let mut first = 0;
        while let Some(span) = trace.spans().get(first) {
            let twins = trace.places(span.id);
            first = twins.end;
            let holder = ancestry.holder(twins.clone());
            for place in twins.filter(|place| Some(*place) != holder) {
                ancestry.ids[place] = ancestry.make_id(&trace.spans()[place]);
            }
        }
        ancestry
    }

    /// Each span with the id that its sender gave it, although others may have it too.
    pub(crate) fn as_sent(trace: &'a Trace) -> Self {
        Self {
            trace,
            ids: trace.spans().iter().map(|span| span.id).collect(),
            made: HashSet::new(),
        }
    }

    /// The id that the span is shown with.
    pub(crate) fn id(&self, place: usize) -> SpanId {
        self.ids[place]
    }

    /// Whether a span is shown with this id.
    pub(crate) fn is_shown(&self, id: SpanId) -> bool {
        !self.trace.places(id).is_empty() || self.made.contains(&id)
    }

    /// The span that kept the shared id, if this one got another.
    pub(crate) fn twin(&self, place: usize) -> Option<&'a Span> {
        let span = &self.trace.spans()[place];
        let holder = (self.ids[place] != span.id).then(|| self.holder(self.trace.places(span.id)));
        Some(&*self.trace.spans()[holder??])
    }

    /// The id of the parent as it is shown; the parent need not be in the trace.
    pub(crate) fn parent_id(&self, place: usize) -> Option<SpanId> {
        match self.parent(place) {
            Some(parent) => Some(self.ids[parent]),
            None => self.trace.spans()[place].parent,
        }
    }

    /// The parent, if it is in the trace.
    pub(crate) fn parent(&self, place: usize) -> Option<usize> {
        let spans = self.trace.spans();
        let span = &*spans[place];
        let shared = self.trace.places(span.id);
        // A server that shares its client's id also has the client's parent id, but it is a child
        // of the client.
        if self.ids[place] != span.id
            && matches!(span.kind, SpanKind::Server | SpanKind::Consumer)
            && let Some(caller) = self.holder(shared)
            && is_caller(&spans[caller])
        {
            return Some(caller);
        }
        self.named(span.parent?, span.service(), Some(place))
    }

    /// The span that `service` means by this id: one of its own, or else the server's side of the
    /// call. `except` is only taken if there is no other.
    pub(crate) fn named(&self, id: SpanId, service: &str, except: Option<usize>) -> Option<usize> {
        let spans = self.trace.spans();
        self.trace.places(id).min_by_key(|place| {
            let span = &spans[*place];
            (
                Some(*place) == except,
                Reverse(**span.service() == *service),
                Reverse(matches!(span.kind, SpanKind::Server | SpanKind::Consumer)),
            )
        })
    }

    /// The span below which the UI draws this one: the first reference that is in the trace.
    /// Parents come before links, and the UI takes a link for a parent if there is nothing better.
    pub(crate) fn drawn_parent(&self, place: usize) -> Option<usize> {
        self.parent(place).or_else(|| {
            let mut links = self.trace.spans()[place].links.iter();
            links.find_map(|link| self.holder(self.trace.places(link.span_id)))
        })
    }

    /// Which of the spans with one id keeps it.
    fn holder(&self, mut twins: Range<usize>) -> Option<usize> {
        let caller = twins
            .clone()
            .find(|place| is_caller(&self.trace.spans()[*place]));
        caller.or_else(|| twins.next())
    }

    /// The id is the same in each answer, whatever has arrived meanwhile, so links to the span
    /// stay valid.
    fn make_id(&mut self, span: &Span) -> SpanId {
        let mut hasher = DefaultHasher::new();
        (span.id, span.kind.name(), &**span.service()).hash(&mut hasher);
        let mut number = hasher.finish();
        loop {
            let id = SpanId::try_from(&number.to_be_bytes()[..]).ok();
            if let Some(id) = id.filter(|id| !self.is_shown(*id)) {
                self.made.insert(id);
                return id;
            }
            number = number.wrapping_add(1);
        }
    }
}

fn is_caller(span: &Span) -> bool {
    matches!(span.kind, SpanKind::Client | SpanKind::Producer)
}
