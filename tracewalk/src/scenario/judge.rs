//! Compares what was seen with what was expected.

use std::{collections::BTreeMap, ops::Range};

use serde::Serialize;

use super::{codes::Codes, environment::Pages, metrics::Delta, spans::Expected};
use crate::trace::{Row, Tree};

/// Whether an expectation was met.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) expectation: String,
    pub(super) met: bool,
    /// What was seen; empty where the expectation says it all.
    pub(super) seen: String,
}

impl Verdict {
    pub(super) fn new(expectation: &impl ToString, met: bool, seen: impl Into<String>) -> Self {
        Self {
            expectation: expectation.to_string(),
            met,
            seen: seen.into(),
        }
    }
}

/// As `OK 12, UNAVAILABLE 1`.
pub(super) fn listed(codes: &BTreeMap<String, u32>) -> String {
    let codes = codes.iter().map(|(code, count)| format!("{code} {count}"));
    codes.collect::<Vec<_>>().join(", ")
}

/// Compares how many calls ended with each code.
pub(super) fn codes(expected: &Codes, seen: &BTreeMap<String, u32>) -> Verdict {
    let met = expected.allow(seen);
    let text = listed(seen);
    let says_it_all = text == expected.to_string();
    Verdict::new(
        expected,
        met,
        if says_it_all { String::new() } else { text },
    )
}

/// Compares each metric of the pages before with that of the pages after.
pub(super) fn metrics(expected: &[Delta], before: &Pages, after: &Pages) -> Vec<Verdict> {
    let verdict = |expectation: &Delta| {
        let series = &expectation.series;
        let stands = |pages: &Pages| expectation.stands(pages.of(&series.service, series.replica));
        let (met, seen) = expectation.judge(stands(before), stands(after));
        Verdict::new(expectation, met, seen)
    };
    expected.iter().map(verdict).collect()
}

/// Finds the span of each line below the span of its parent line. No span is found twice.
pub(super) fn spans(expected: &[Expected], tree: &Tree, trace_id: &str) -> Vec<Verdict> {
    let mut search = Search {
        trace_id,
        rows: tree.rows(),
        used: vec![false; tree.rows().len()],
        above: Vec::new(),
    };
    expected.iter().map(|line| search.find(line)).collect()
}

/// All expectations of spans as not met, because there is no trace.
pub(super) fn no_spans(expected: &[Expected], why: &str) -> Vec<Verdict> {
    let not_met = |line| Verdict::new(line, false, why);
    expected.iter().map(not_met).collect()
}

struct Search<'a> {
    trace_id: &'a str,
    /// In the order of the waterfall: below a row come its descendants.
    rows: &'a [Row],
    used: Vec<bool>,
    /// The indent of each line above, and the row of its span.
    above: Vec<(usize, Option<usize>)>,
}

impl Search<'_> {
    fn find(&mut self, line: &Expected) -> Verdict {
        self.above.retain(|(indent, _)| *indent < line.indent);
        let found = self
            .places()
            .filter(|place| line.is_meant(&self.rows[*place].span));
        // Where there must be none, the spans that were found before count too.
        let counts = |place: &usize| line.absent || !self.used[*place];
        let mut found: Vec<_> = found.filter(counts).collect();
        // The span that differs least: the first that is as expected, if there is one.
        found.sort_by_key(|place| self.differences(line, *place).len());
        let nearest = found.first().copied();
        self.above.push((line.indent, nearest));
        if let Some(times) = line.times {
            found.retain(|place| self.differences(line, *place).is_empty());
            let seen = found.len();
            for place in found {
                self.used[place] = true;
            }
            let said = if seen == times {
                String::new()
            } else {
                format!("×{seen}")
            };
            return Verdict::new(line, seen == times, said);
        }
        match nearest {
            None => Verdict::new(
                line,
                line.absent,
                if line.absent { "" } else { "no such span" },
            ),
            Some(place) => {
                let differences = self.differences(line, place);
                if line.absent {
                    let there = differences.is_empty();
                    return Verdict::new(line, !there, if there { "it is there" } else { "" });
                }
                self.used[place] = true;
                Verdict::new(line, differences.is_empty(), differences.join(", "))
            }
        }
    }

    /// The rows in which the span of a line may be: all below that of the line above.
    fn places(&self) -> Range<usize> {
        match self.above.last() {
            None => 0..self.rows.len(),
            Some((_, Some(parent))) => self.below(*parent),
            Some((_, None)) => 0..0,
        }
    }

    fn differences(&self, line: &Expected, place: usize) -> Vec<String> {
        line.differences(&self.rows[place], self.trace_id)
    }

    /// The rows of everything below a row.
    fn below(&self, row: usize) -> Range<usize> {
        let depth = self.rows[row].depth;
        let after = &self.rows[row + 1..];
        let count = after.iter().take_while(|it| it.depth > depth).count();
        row + 1..row + 1 + count
    }
}
