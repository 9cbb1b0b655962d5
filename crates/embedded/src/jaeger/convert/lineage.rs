//! Circles of ancestors, which no correct program makes and the UI cannot draw.

use std::collections::{HashMap, HashSet};

use crate::{
    span::{Span, SpanId},
    store::Trace,
};

/// One span of each circle, the earliest: without its parent the others hang below it.
///
/// The UI draws what it reaches from the roots. A circle has none, so it would draw nothing.
pub(crate) fn circle_breakers(trace: &Trace) -> HashSet<SpanId> {
    let mut walk_of = HashMap::new();
    let mut breakers = HashSet::new();
    for (walk, span) in trace.spans().iter().enumerate() {
        let mut next = Some(&**span);
        while let Some(current) = next {
            match walk_of.insert(current.id, walk) {
                None => next = drawn_parent(trace, current),
                Some(earlier) => {
                    if earlier == walk {
                        breakers.insert(earliest_of_circle(trace, current));
                    }
                    // Seen on an earlier walk, which knows what comes after it.
                    break;
                }
            }
        }
    }
    breakers
}

/// The span below which the UI draws this one: the first reference that is in the trace. Parents
/// come before links, and the UI takes a link for a parent if there is nothing better.
fn drawn_parent<'a>(trace: &'a Trace, span: &Span) -> Option<&'a Span> {
    let links = span.links.iter().map(|link| link.span_id);
    span.parent
        .into_iter()
        .chain(links)
        .find_map(|id| trace.span(id))
        .map(|parent| &**parent)
}

fn earliest_of_circle(trace: &Trace, member: &Span) -> SpanId {
    let mut earliest = member;
    let mut current = drawn_parent(trace, member);
    while let Some(span) = current.filter(|span| span.id != member.id) {
        if span.start < earliest.start {
            earliest = span;
        }
        current = drawn_parent(trace, span);
    }
    earliest.id
}
