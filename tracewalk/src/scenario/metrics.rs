//! How far a counter is to move: `user grpc_client_retries_total{method="GetProfile"} +1..3`.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use prom_text::{Page, Sample, read_labels};

const DELTA: &str = r#"SERVICE NAME{label="value"} +LEAST or +LEAST..MOST, as `user grpc_client_retries_total{method="GetProfile"} +1`"#;

/// One line: how much the sum over the series with these labels must grow.
#[derive(Debug, PartialEq)]
pub(super) struct Delta {
    text: String,
    /// The service whose page has the metric.
    pub(super) service: String,
    name: String,
    labels: BTreeMap<String, String>,
    least: f64,
    /// `None` where calls of other callers count too.
    most: Option<f64>,
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
        let range = rest.trim().strip_prefix('+')?;
        let (least, most) = match range.split_once("..") {
            Some((least, most)) => (number(least)?, Some(number(most)?)),
            None => (number(range)?, None),
        };
        if most.is_some_and(|most| most < least) {
            return None;
        }
        let is_known = ["gateway", "user", "profile"].contains(&service);
        (is_known && !name.is_empty()).then_some(Self {
            text: line.to_owned(),
            service: service.to_owned(),
            name: name.to_owned(),
            labels: labels
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            least,
            most,
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

    /// Whether the sum may grow by this much.
    pub(super) fn allows(&self, moved: f64) -> bool {
        moved >= self.least && self.most.is_none_or(|most| moved <= most)
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
