//! How far a metric is to move, `user grpc_client_retries_total{method="GetProfile"} +1..3`, or what
//! it is in the end, `user outbox_events =0`.

use std::fmt::{self, Display, Formatter};

use prom_text::Page;

use super::series::Series;

const DELTA: &str = r#"SERVICE [REPLICA] NAME{label="value"} +LEAST, +LEAST..MOST or =VALUE, as `user grpc_client_retries_total{method="GetProfile"} +1`"#;

/// One line: how much the sum over the series must grow, or what it must be.
#[derive(Debug, PartialEq)]
pub(super) struct Delta {
    text: String,
    pub(super) series: Series,
    /// Whether the series are counted, and not summed up: `user count(NAME) +0`.
    is_count: bool,
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
        let counted = line.split_once(" count(");
        let (series, rest) = match counted {
            Some((service, series)) => {
                let series = format!("{service} {series}");
                let (series, rest) = Series::parse(&series)?;
                (series, rest.strip_prefix(')')?.to_owned())
            }
            None => Series::parse(line).map(|(series, rest)| (series, rest.to_owned()))?,
        };
        Some(Self {
            text: line.to_owned(),
            series,
            is_count: counted.is_some(),
            allowed: Allowed::parse(rest.trim())?,
        })
    }

    /// The sum on these pages, or the number of series.
    pub(super) fn stands<'a>(&'a self, pages: impl Iterator<Item = &'a Page>) -> f64 {
        let samples = self.series.samples(pages);
        samples.fold(0.0, |sum, sample| {
            sum + if self.is_count { 1.0 } else { sample.value }
        })
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
