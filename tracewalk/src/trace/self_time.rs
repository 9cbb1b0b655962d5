//! Self time: how long a span ran while none of its children did.

use super::row::Row;

/// Sets the self time of each row. The rows are in the order of the tree.
pub(super) fn measure(rows: &mut [Row]) {
    // By depth, until when the children so far of the row above cover its time. A child begins no earlier
    // than its siblings before it.
    let mut covered: Vec<(usize, u64)> = Vec::new();
    for at in 0..rows.len() {
        let Row { depth, span, .. } = &rows[at];
        let (start, end) = (span.start, span.start.saturating_add(span.duration));
        covered.truncate(*depth);
        if let Some((parent, until)) = covered.last_mut() {
            let above = &rows[*parent].span;
            let end_above = above.start.saturating_add(above.duration);
            let (begin, end) = (start.max(*until), end.min(end_above));
            let alone = end.saturating_sub(begin);
            *until = end.max(*until);
            rows[*parent].self_us -= alone;
        }
        covered.push((at, start));
        rows[at].self_us = rows[at].span.duration;
    }
}
