//! Cycles of ancestors, which no correct program makes and the UI cannot draw.

use std::collections::HashSet;

use crate::traces::{jaeger::ancestry::Ancestry, store::Trace};

/// The place of one span of each cycle, the earliest: without its parent the others hang below it.
///
/// The UI draws what it reaches from the roots. A cycle has no root, so it would not be drawn.
pub(crate) fn cycle_breakers(trace: &Trace, ancestry: &Ancestry) -> HashSet<usize> {
    let mut walk_of = vec![None; trace.spans().len()];
    let mut breakers = HashSet::new();
    for walk in 0..trace.spans().len() {
        let mut next = Some(walk);
        while let Some(current) = next {
            match walk_of[current].replace(walk) {
                None => next = ancestry.drawn_parent(current),
                Some(earlier) => {
                    if earlier == walk {
                        breakers.insert(earliest_of_cycle(trace, ancestry, current));
                    }
                    // Otherwise an earlier walk has visited this span and its ancestors.
                    break;
                }
            }
        }
    }
    breakers
}

fn earliest_of_cycle(trace: &Trace, ancestry: &Ancestry, member: usize) -> usize {
    let start = |place: usize| trace.spans()[place].start;
    let mut earliest = member;
    let mut current = ancestry.drawn_parent(member);
    while let Some(place) = current.filter(|place| *place != member) {
        if start(place) < start(earliest) {
            earliest = place;
        }
        current = ancestry.drawn_parent(place);
    }
    earliest
}
