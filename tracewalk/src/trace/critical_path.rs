//! The critical path: which spans made the trace as long as it is.
//!
//! From the end of the trace backwards: the child that ended last before this moment, or else the
//! span itself. Work that something slower ran beside is not on the path, so it could take longer
//! without making the trace longer.

use std::collections::HashMap;

use super::{
    tree::{Row, Tree},
    wording::{duration, method},
};
use crate::output::Printable;

/// How many spans the line names.
const MAX_SPANS: usize = 4;

/// Sets the time of each row on the critical path of its root.
pub(super) fn measure(rows: &mut [Row]) {
    let ids = rows.iter().enumerate().rev();
    // Of spans that share an id, the first is the parent.
    let places: HashMap<_, _> = ids.map(|(at, row)| (&row.span.id, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut to_visit = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let parent = row.parent_id.as_ref().and_then(|id| places.get(id));
        match parent {
            Some(parent) => children[*parent].push(at),
            None => to_visit.push((at, end(row))),
        }
    }
    let mut times = vec![0; rows.len()];
    while let Some((at, until)) = to_visit.pop() {
        let start = rows[at].span.start;
        let mut now = until;
        children[at].sort_by_key(|child| std::cmp::Reverse(end(&rows[*child])));
        for child in children[at].iter().copied() {
            let begin = rows[child].span.start.max(start);
            let ended = end(&rows[child]).min(now);
            let ran_beside_another = end(&rows[child]) > now && now != until;
            if ran_beside_another || ended <= begin {
                continue;
            }
            times[at] += now - ended;
            to_visit.push((child, ended));
            now = begin;
        }
        times[at] += now.saturating_sub(start);
    }
    for (row, time) in rows.iter_mut().zip(times) {
        row.critical_path_us = time;
    }
}

fn end(row: &Row) -> u64 {
    row.span.start.saturating_add(row.span.duration)
}

/// The spans with the most time on the path, and their shares; `None` for a trace of one span.
pub(super) fn line(tree: &Tree) -> Option<String> {
    let mut rows: Vec<_> = tree.rows().iter().collect();
    if rows.len() < 2 || tree.duration() == 0 {
        return None;
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.critical_path_us));
    let rows = rows.iter().take(MAX_SPANS);
    let named = rows.filter(|row| row.critical_path_us > 0).map(|row| {
        let share = u128::from(row.critical_path_us) * 100 / u128::from(tree.duration());
        let (service, name) = (Printable(&row.span.service), method(&row.span.operation));
        format!(
            "{service} {name} {} ({share} %)",
            duration(row.critical_path_us)
        )
    });
    let named = named.collect::<Vec<_>>().join(" · ");
    Some(format!("critical path: {named}"))
}
