//! Repeats: spans below one parent that say the same, as the hundred queries of a loop, are one line.

use super::{row::Row, wording::fault};

/// Fewer are drawn one by one.
const MIN_REPEATS: usize = 4;

/// The rows in their order; each repeat together, each other row alone.
pub(super) fn groups(rows: &[Row]) -> Vec<&[Row]> {
    let (mut groups, mut rest) = (Vec::new(), rows);
    while let [first, after @ ..] = rest {
        let alike = 1 + after.iter().take_while(|row| are_alike(first, row)).count();
        // All but the last have no spans below them; what is below the last would be missing.
        let has_children = rest.get(alike).is_some_and(|next| next.depth > first.depth);
        let leaves = alike - usize::from(has_children);
        let count = if leaves < MIN_REPEATS { 1 } else { leaves };
        let (group, others) = rest.split_at(count);
        groups.push(group);
        rest = others;
    }
    groups
}

/// How long a span, or any span of a repeat, was at work on its own: repeats may overlap.
pub(super) fn own_time(group: &[Row]) -> u64 {
    if let [row] = group {
        return row.self_us;
    }
    let (mut covered, mut until) = (0, 0);
    for row in group {
        covered += row.end().saturating_sub(until.max(row.span.start));
        until = until.max(row.end());
    }
    covered
}

fn are_alike(one: &Row, other: &Row) -> bool {
    let key = |row: &'_ Row| (row.depth, row.orphan, row.span.failed, fault(row));
    let texts = |row: &'_ Row| {
        let span = &row.span;
        [&span.service, &span.operation, &span.kind, &span.status].map(String::clone)
    };
    one.parent_id == other.parent_id && key(one) == key(other) && texts(one) == texts(other)
}
