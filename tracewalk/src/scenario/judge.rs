//! Compares what was seen with what was promised.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{environment::Pages, metrics::Delta, spans::Expected};
use crate::trace::{Row, Tree};

/// Whether a promise was kept.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) promise: String,
    pub(super) kept: bool,
    /// What was seen; empty where the promise says it all.
    pub(super) seen: String,
}

impl Verdict {
    pub(super) fn new(promise: &impl ToString, kept: bool, seen: impl Into<String>) -> Self {
        Self {
            promise: promise.to_string(),
            kept,
            seen: seen.into(),
        }
    }
}

/// As `OK 12, UNAVAILABLE 1`.
pub(super) fn codes(promised: &BTreeMap<String, u32>, seen: &BTreeMap<String, u32>) -> Verdict {
    let text = |codes: &BTreeMap<String, u32>| {
        let codes = codes.iter().map(|(code, count)| format!("{code} {count}"));
        codes.collect::<Vec<_>>().join(", ")
    };
    let kept = promised == seen;
    Verdict::new(
        &text(promised),
        kept,
        if kept { String::new() } else { text(seen) },
    )
}

/// Compares how much each counter grew between the pages before and the pages after.
pub(super) fn metrics(promised: &[Delta], before: &Pages, after: &Pages) -> Vec<Verdict> {
    let verdict = |promise: &Delta| {
        let stands = |pages: &Pages| promise.stands(pages.of(&promise.service));
        let moved = stands(after) - stands(before);
        // Sums of seconds have more digits than anyone reads.
        let seen = format!("+{}", (moved * 1000.0).round() / 1000.0);
        Verdict::new(promise, promise.allows(moved), seen)
    };
    promised.iter().map(verdict).collect()
}

/// Finds the span of each line below the span of its parent line. No span is found twice.
pub(super) fn spans(promised: &[Expected], tree: &Tree) -> Vec<Verdict> {
    let mut search = Search {
        rows: tree.rows(),
        used: vec![false; tree.rows().len()],
        above: Vec::new(),
    };
    promised.iter().map(|line| search.find(line)).collect()
}

/// All promises of spans as broken, because there is no trace.
pub(super) fn no_spans(promised: &[Expected], why: &str) -> Vec<Verdict> {
    let broken = |line| Verdict::new(line, false, why);
    promised.iter().map(broken).collect()
}

struct Search<'a> {
    /// In the order of the waterfall: below a row come its descendants.
    rows: &'a [Row],
    used: Vec<bool>,
    /// The indent of each line above, and the row of its span.
    above: Vec<(usize, Option<usize>)>,
}

impl Search<'_> {
    fn find(&mut self, line: &Expected) -> Verdict {
        self.above.retain(|(indent, _)| *indent < line.indent);
        let places = match self.above.last() {
            None => 0..self.rows.len(),
            Some((_, Some(parent))) => self.below(*parent),
            Some((_, None)) => 0..0,
        };
        let found = places.filter(|place| line.is_meant(&self.rows[*place].span));
        let mut found: Vec<_> = found.filter(|place| !self.used[*place]).collect();
        // The span that differs least: the first that is as promised, if there is one.
        found.sort_by_key(|place| line.differences(&self.rows[*place].span).len());
        let nearest = found.first().copied();
        self.above.push((line.indent, nearest));
        match nearest {
            None => Verdict::new(
                line,
                line.absent,
                if line.absent { "" } else { "no such span" },
            ),
            Some(place) => {
                let differences = line.differences(&self.rows[place].span);
                if line.absent {
                    let there = differences.is_empty();
                    return Verdict::new(line, !there, if there { "it is there" } else { "" });
                }
                self.used[place] = true;
                Verdict::new(line, differences.is_empty(), differences.join(", "))
            }
        }
    }

    /// The rows of everything below a row.
    fn below(&self, row: usize) -> std::ops::Range<usize> {
        let depth = self.rows[row].depth;
        let after = &self.rows[row + 1..];
        let count = after.iter().take_while(|it| it.depth > depth).count();
        row + 1..row + 1 + count
    }
}
