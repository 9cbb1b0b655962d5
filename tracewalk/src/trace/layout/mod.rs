//! The columns of a waterfall, and what stands in them.

mod reasons;

use std::collections::HashMap;

use super::{
    bar::bar,
    paint::Paint,
    repeats::own_time,
    row::Row,
    tree::Tree,
    wording::{branch, duration, length, name, shorten, status},
};
use crate::output::Printable;

/// In narrower terminals a level of the tree takes one column.
const WIDE: usize = 100;

/// A column of durations: `12.3 ms`, with a space before it.
const DURATION: usize = 9;

/// Where fewer columns are left for the bars, the self times are left out.
const MIN_BARS: usize = 12;

/// Where the columns end, and the colour of each service.
pub(super) struct Layout<'a> {
    label: usize,
    bars: usize,
    narrow: bool,
    has_self_time: bool,
    places: HashMap<&'a str, usize>,
    paint: Paint,
}

impl<'a> Layout<'a> {
    pub(super) fn new(tree: &'a Tree, groups: &[&[Row]], width: usize, paint: Paint) -> Self {
        let mut places = HashMap::new();
        for row in tree.rows() {
            let next = places.len();
            places.entry(row.span.service.as_str()).or_insert(next);
        }
        let narrow = width < WIDE;
        let longest = |length: &dyn Fn(&[Row]) -> usize| {
            let lengths = groups.iter().map(|group| length(group));
            lengths.max().unwrap_or(0)
        };
        let label = longest(&|group| {
            let parts = label(group, narrow);
            parts.iter().map(|part| length(part)).sum()
        });
        let status = longest(&|group| length(&status(&group[0])));
        let fixed = DURATION + status + 3;
        let label = label
            .min(width * 19 / 40)
            .min(width.saturating_sub(fixed + 10));
        let left = width.saturating_sub(label + fixed);
        let has_self_time = left >= MIN_BARS + DURATION;
        Self {
            label,
            bars: left
                .saturating_sub(if has_self_time { DURATION } else { 0 })
                .max(10),
            narrow,
            has_self_time,
            places,
            paint,
        }
    }

    pub(super) fn summary(&self, tree: &Tree) -> String {
        let rows = tree.rows();
        let count = |found: usize, one: &str| match found {
            1 => format!("1 {one}"),
            _ => format!("{found} {one}s"),
        };
        let failed = rows.iter().filter(|row| row.span.failed).count();
        let orphans = rows.iter().filter(|row| row.orphan).count();
        let mut parts = vec![
            count(rows.len(), "span"),
            count(self.places.len(), "service"),
            duration(tree.duration()),
        ];
        parts.extend((failed > 0).then(|| count(failed, "error")));
        parts.extend((orphans > 0).then(|| count(orphans, "missing parent")));
        parts.join(" · ")
    }

    /// The start, the middle and the end of the time that the bars stand for, and what the durations are.
    pub(super) fn head(&self, whole: u64) -> String {
        let (middle, end) = (duration(whole / 2), duration(whole));
        let half = self.bars / 2;
        // Few columns have no room for both.
        let has_middle = self.bars - half > length(&middle) + length(&end);
        let middle = if has_middle { middle } else { String::new() };
        let rest = self.bars - half - length(&middle);
        let columns = if self.has_self_time {
            format!("{:>DURATION$}{:>DURATION$}", "total", "self")
        } else {
            String::new()
        };
        format!(
            "{:label$} {:half$}{middle}{end:>rest$}{columns}",
            "",
            "0",
            label = self.label
        )
    }

    pub(super) fn row(&self, group: &[Row], tree: &Tree) -> String {
        let [row, ..] = group else {
            return String::new();
        };
        let span = &row.span;
        let whole = group.iter().map(Row::end).max().unwrap_or(0) - span.start;
        let offset = span.start - tree.start();
        let (before, bar) = bar(offset, whole, tree.duration(), self.bars);
        let after = self.bars.saturating_sub(before + length(&bar));
        let bar = if span.failed {
            self.paint.error(bar)
        } else {
            self.service(&span.service, bar)
        };
        let status = match status(row) {
            text if text.is_empty() => text,
            text if span.failed => format!("  {}", self.paint.error(text)),
            text => format!("  {}", self.paint.dim(text)),
        };
        let label = self.label(group);
        let own = if self.has_self_time {
            let own = duration(own_time(group));
            self.paint.dim(format_args!("{own:>DURATION$}"))
        } else {
            String::new()
        };
        let whole = duration(whole);
        format!(
            "{label} {:before$}{bar}{:after$}{whole:>DURATION$}{own}{status}",
            "", ""
        )
    }

    /// The label of a row, exactly as wide as its column.
    fn label(&self, group: &[Row]) -> String {
        let [branch, service, name, times] = label(group, self.narrow);
        let left = self.label.saturating_sub(length(&branch) + length(&times));
        let service = shorten(&service, left);
        let left = left.saturating_sub(length(&service));
        let name = shorten(&name, left);
        let padding = left.saturating_sub(length(&name));
        format!(
            "{}{}{name}{times}{:padding$}",
            self.paint.dim(branch),
            self.service(&group[0].span.service, service),
            "",
        )
    }

    pub(super) fn full_name(&self, row: &Row) -> String {
        let service = self.service(&row.span.service, service_name(row));
        format!("{service} {}", name(&row.span))
    }

    /// The text in the colour of the service.
    fn service(&self, service: &str, text: impl std::fmt::Display) -> String {
        self.paint.service(self.places[service], text)
    }
}

/// What the label of a row is made of: the lines of the tree, the service, the span, and how many there are.
fn label(group: &[Row], narrow: bool) -> [String; 4] {
    let [.., last] = group else {
        return Default::default();
    };
    let times = match group.len() {
        1 => String::new(),
        count => format!(" ×{count}"),
    };
    let name = format!(" {}", name(&last.span));
    [branch(last, narrow), service_name(last), name, times]
}

/// The name of the service, as the terminal shows it.
fn service_name(row: &Row) -> String {
    Printable(&row.span.service).to_string()
}
