//! How far a metric is to move, `user grpc_client_retries_total{method="GetProfile"} +1..3`, or what
//! it is in the end, `user outbox_events =0`.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use prom_text::{Page, Sample, read_labels};

const DELTA: &str = r#"SERVICE NAME{label="value"} +LEAST, +LEAST..MOST or =VALUE, as `user grpc_client_retries_total{method="GetProfile"} +1`"#;

/// One line: how much the sum over the series with these labels must grow, or what it must be.
#[derive(Debug, PartialEq)]
pub(super) struct Delta {
    text: String,
    /// The service whose page has the metric.
    pub(super) service: String,
    name: String,
    labels: BTreeMap<String, String>,
    allowed: Allowed,
}

#[derive(Debug, PartialEq)]
enum Allowed {
    /// It grows by at least, and at most; `None` where calls of other callers count too.
    Growth(f64, Option<f64>),
    /// It has this value at the end.
    Value(f64),
}

impl Delta {
    /// Reads a line.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let line = line.trim();
        Self::parse(line).ok_or_else(|| format!("`{line}` moves no metric: expected {DELTA}"))
    }

    fn parse(line: &str) -> Option<Self> {
        let (service, rest) = line.split_once(' ')?;
        let rest = rest.trim_start();
        let end = rest.find(['{', ' '])?;
        let (name, rest) = rest.split_at(end);
        let (labels, rest) = read_labels(rest)?;
        let allowed = Allowed::parse(rest.trim())?;
        let is_known = ["gateway", "user", "profile"].contains(&service);
        (is_known && !name.is_empty()).then_some(Self {
            text: line.to_owned(),
            service: service.to_owned(),
            name: name.to_owned(),
            labels: labels
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            allowed,
        })
    }

    /// The sum on these pages.
    pub(super) fn stands<'a>(&self, pages: impl Iterator<Item = &'a Page>) -> f64 {
        let has_labels = |sample: &Sample<'_>| {
            let mut wanted = self.labels.iter();
            wanted.all(|(label, value)| sample.label(label) == Some(value))
        };
        pages.fold(0.0, |sum, page| sum + page.sum(&self.name, has_labels))
    }

    /// Whether the sum may have been `before` and be `after`, and what was seen of it.
    pub(super) fn judge(&self, before: f64, after: f64) -> (bool, String) {
        // Sums of seconds have more digits than anyone reads.
        let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
        match self.allowed {
            Allowed::Growth(least, most) => {
                let moved = after - before;
                let holds = moved >= least && most.is_none_or(|most| moved <= most);
                (holds, format!("+{}", rounded(moved)))
            }
            Allowed::Value(value) => {
                let holds = (after - value).abs() < f64::EPSILON;
                (holds, rounded(after).to_string())
            }
        }
    }
}

impl Allowed {
    fn parse(text: &str) -> Option<Self> {
        if let Some(value) = text.strip_prefix('=') {
            return number(value).map(Self::Value);
        }
        let range = text.strip_prefix('+')?;
        let (least, most) = match range.split_once("..") {
            Some((least, most)) => (number(least)?, Some(number(most)?)),
            None => (number(range)?, None),
        };
        let is_range = most.is_none_or(|most| most >= least);
        is_range.then_some(Self::Growth(least, most))
    }
}

/// How much a counter may grow: counters do not go back.
fn number(text: &str) -> Option<f64> {
    let number = text.parse::<f64>().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

impl Display for Delta {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
