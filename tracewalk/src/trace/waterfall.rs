//! Lines of text: the tree on the left, the bars on the right.

use std::collections::HashMap;

use super::{
    bar::bar,
    critical_path, links,
    logs::{self, Logged},
    paint::Paint,
    tree::{Row, Tree},
    wording::{branch, duration, fault, length, short_name, shorten, status},
};
use crate::output::Printable;

/// The name of the service, as the terminal shows it.
fn service_name(row: &Row) -> String {
    Printable(&row.span.service).to_string()
}

/// Narrower than this the columns would be empty; the terminal wraps the lines then.
const MIN_WIDTH: usize = 60;

/// The durations: `12.3 ms`, with a space before it.
const DURATION: usize = 9;

/// Where the columns end, and the colour of each service.
struct Layout<'a> {
    label: usize,
    bars: usize,
    places: HashMap<&'a str, usize>,
    paint: Paint,
}

/// Draws the trace for a terminal of this width.
pub(super) fn lines(
    id: &str,
    tree: &Tree,
    logs: &[Logged],
    width: usize,
    paint: Paint,
) -> Vec<String> {
    let width = width.max(MIN_WIDTH);
    let layout = Layout::new(tree, width, paint);
    let mut lines = vec![
        format!("trace {}", paint.bold(Printable(id))),
        paint.dim(layout.summary(tree)),
        String::new(),
        paint.dim(layout.axis(tree.duration())),
    ];
    for row in tree.rows() {
        lines.push(layout.row(row, tree));
        lines.extend(logs::below(row, logs, tree.start(), width, paint));
    }
    lines.extend(logs::elsewhere(tree, logs, width, paint));
    let named = |row: &Row| {
        let service = layout.service(&row.span.service, service_name(row));
        format!("{service} {}", Printable(&row.span.operation))
    };
    lines.extend(links::lines(tree, named));
    let faults = tree.rows().iter().filter_map(|row| layout.fault(row));
    let failed = tree.rows().iter().filter(|row| row.span.failed);
    let reasons: Vec<_> = faults
        .chain(failed.map(|row| layout.failure(row)))
        .collect();
    if !reasons.is_empty() {
        lines.push(String::new());
        lines.extend(reasons);
    }
    if let Some(path) = critical_path::line(tree) {
        lines.extend([String::new(), paint.dim(shorten(&path, width))]);
    }
    lines
}

impl<'a> Layout<'a> {
    fn new(tree: &'a Tree, width: usize, paint: Paint) -> Self {
        let mut places = HashMap::new();
        for row in tree.rows() {
            let next = places.len();
            places.entry(row.span.service.as_str()).or_insert(next);
        }
        let longest = |length: &dyn Fn(&Row) -> usize| tree.rows().iter().map(length).max();
        let label = longest(&|row| {
            length(&branch(row))
                + length(&service_name(row))
                + 1
                + length(&short_name(&row.span.operation))
        })
        .unwrap_or(0);
        let label = label.min(width * 9 / 20);
        let status = longest(&|row| length(&status(row))).unwrap_or(0);
        Self {
            label,
            bars: width.saturating_sub(label + DURATION + status + 3).max(10),
            places,
            paint,
        }
    }

    fn summary(&self, tree: &Tree) -> String {
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

    /// The start, the middle and the end of the time that the bars stand for.
    fn axis(&self, whole: u64) -> String {
        let (middle, end) = (duration(whole / 2), duration(whole));
        let half = self.bars / 2;
        let rest = (self.bars - half).saturating_sub(length(&middle));
        format!(
            "{:label$} {:half$}{middle}{end:>rest$}",
            "",
            "0",
            label = self.label
        )
    }

    fn row(&self, row: &Row, tree: &Tree) -> String {
        let span = &row.span;
        let offset = span.start - tree.start();
        let (before, bar) = bar(offset, span.duration, tree.duration(), self.bars);
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
        let label = self.label(row);
        let duration = duration(span.duration);
        format!(
            "{label} {:before$}{bar}{:after$}{duration:>DURATION$}{status}",
            "", ""
        )
    }

    /// The label of a row, exactly as wide as its column.
    fn label(&self, row: &Row) -> String {
        let branch = branch(row);
        let left = self.label.saturating_sub(length(&branch));
        let service = shorten(&service_name(row), left);
        let left = left.saturating_sub(length(&service));
        let operation = shorten(&format!(" {}", short_name(&row.span.operation)), left);
        let padding = left.saturating_sub(length(&operation));
        format!(
            "{}{}{operation}{:padding$}",
            self.paint.dim(branch),
            self.service(&row.span.service, service),
            "",
        )
    }

    /// What the caller asked to go wrong, if anything.
    fn fault(&self, row: &Row) -> Option<String> {
        let span = &row.span;
        let service = self.service(&span.service, service_name(row));
        let operation = Printable(&span.operation);
        Some(format!("↯ {service} {operation}: {}", fault(row)?))
    }

    fn failure(&self, row: &Row) -> String {
        let span = &row.span;
        let reason = [span.status.as_str(), span.message.as_str()];
        let reason: Vec<_> = reason.into_iter().filter(|text| !text.is_empty()).collect();
        let mark = self.paint.error("✗");
        let service = self.service(&span.service, service_name(row));
        let (operation, reason) = (Printable(&span.operation), Printable(reason.join(": ")));
        let line = format!("{mark} {service} {operation}: {reason}");
        line.trim_end_matches([':', ' ']).to_owned()
    }

    /// The text in the colour of the service.
    fn service(&self, service: &str, text: impl std::fmt::Display) -> String {
        self.paint.service(self.places[service], text)
    }
}
