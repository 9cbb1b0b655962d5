//! Lines that say what a trace shows: what to look at first, and what each hop was allowed.

use super::{
    row::Row,
    tree::Tree,
    wording::{duration, length, name},
};
use crate::output::Printable;

/// How many spans the line of the critical path names.
const MAX_SPANS: usize = 4;

/// As `user server GetUser`.
pub(crate) fn full_name(row: &Row) -> String {
    format!("{} {}", Printable(&row.span.service), name(&row.span))
}

/// The span that failed first: those above it pass the failure on.
pub(super) fn first_failure(tree: &Tree) -> Option<&Row> {
    let failed = tree.rows().iter().filter(|row| row.span.failed);
    // A call is cancelled since something else has failed.
    failed.min_by_key(|row| {
        let is_cancelled = row.span.status == "CANCELLED";
        (is_cancelled, row.end(), std::cmp::Reverse(row.depth))
    })
}

/// Why a span failed: its status and its message.
pub(super) fn reason(row: &Row) -> String {
    let reason = [row.span.status.as_str(), row.span.message.as_str()];
    let reason: Vec<_> = reason.into_iter().filter(|text| !text.is_empty()).collect();
    Printable(reason.join(": ")).to_string()
}

/// The span to look at first, where none failed: the one with the most time on the critical path.
pub(super) fn most_time(tree: &Tree) -> Option<String> {
    let (row, share) = longest(tree).next()?;
    let (time, whole) = (duration(row.critical_path_us), duration(tree.duration()));
    Some(format!(
        "most time: {}, {time} of {whole} ({share} %)",
        full_name(row)
    ))
}

/// The spans with the most time on the critical path and their shares in percent, the longest first; none of a
/// trace of one span.
fn longest(tree: &Tree) -> impl Iterator<Item = (&Row, u128)> {
    let on_path = |row: &&Row| row.critical_path_us > 0 && tree.rows().len() > 1;
    let mut rows: Vec<_> = tree.rows().iter().filter(on_path).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.critical_path_us));
    let whole = u128::from(tree.duration().max(1));
    let share = move |row: &Row| u128::from(row.critical_path_us) * 100 / whole;
    rows.into_iter().map(move |row| (row, share(row)))
}

/// The line of the critical path: as many of its spans with the most time as `width` has room for; `None` for a
/// trace of one span.
pub(super) fn critical_path(tree: &Tree, width: usize) -> Option<String> {
    let mut named = longest(tree).map(|(row, share)| {
        let time = duration(row.critical_path_us);
        format!("{} {time} ({share} %)", full_name(row))
    });
    let mut line = format!("critical path: {}", named.next()?);
    for span in named.take(MAX_SPANS - 1) {
        // The sign for further ones needs room too.
        if length(&line) + length(&span) + 7 > width {
            return Some(line + " · …");
        }
        line = format!("{line} · {span}");
    }
    Some(line)
}

/// What is left of the deadline at each hop, `deadline: gateway 390 → user 379 → profile 367 ms`; `None`
/// where fewer than two hops know one.
pub(super) fn deadlines(tree: &Tree) -> Option<String> {
    let mut hops: Vec<(usize, String)> = Vec::new();
    for row in tree.rows() {
        let above = hops.last().map(|(depth, _)| *depth);
        // The first call at each hop; a retry would begin another way down.
        if above.is_some_and(|above| row.depth <= above) {
            break;
        }
        let left = row.span.attributes.get(proto::NAMES.deadline_ms);
        if let Some(left) = left.and_then(serde_json::Value::as_i64) {
            hops.push((
                row.depth,
                format!("{} {left}", Printable(&row.span.service)),
            ));
        }
    }
    let hops: Vec<_> = hops.into_iter().map(|(_, hop)| hop).collect();
    (hops.len() > 1).then(|| format!("deadline: {} ms", hops.join(" → ")))
}
