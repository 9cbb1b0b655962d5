//! The critical path: which spans made the trace as long as it is.
//!
//! From the end of the trace backwards: the child that ended last before this moment, or else the
//! span itself. Work that something slower ran beside is not on the path, so it could take longer
//! without making the trace longer.

use std::collections::HashMap;

use super::row::Row;

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
            None => to_visit.push((at, row.end())),
        }
    }
    let mut times = vec![0; rows.len()];
    while let Some((at, until)) = to_visit.pop() {
        let start = rows[at].span.start;
        let mut now = until;
        children[at].sort_by_key(|child| std::cmp::Reverse(rows[*child].end()));
        for child in children[at].iter().copied() {
            let begin = rows[child].span.start.max(start);
            let ended = rows[child].end().min(now);
            let ran_beside_another = rows[child].end() > now && now != until;
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
