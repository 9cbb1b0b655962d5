//! A sample of a page with its exemplar, and how its line is read.

use std::borrow::Cow;

use crate::labels::{Brackets, Label, brackets, value_of};

/// A sample, and the call that it may name.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The name of the metric, as `calls_total`.
    pub name: Cow<'a, str>,
    /// In the order of the page.
    pub labels: Vec<Label<'a>>,
    /// Its value; the time that may follow it is left out.
    pub value: f64,
    /// The exemplar after the value.
    pub exemplar: Option<Exemplar<'a>>,
}

/// An exemplar: `# {trace_id="…"} 0.043 1700000000.123`
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar<'a> {
    /// Mostly `trace_id` and `span_id`.
    pub labels: Vec<Label<'a>>,
    /// The one observation that it shows.
    pub value: f64,
    /// When that was, in seconds since 1970.
    pub at: Option<f64>,
}

impl Sample<'_> {
    /// The value of a label; `None` where there is none of this name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        value_of(&self.labels, name)
    }

    /// The same sample, with owned texts.
    #[must_use]
    pub fn into_owned(self) -> Sample<'static> {
        Sample {
            name: self.name.into_owned().into(),
            labels: owned(self.labels),
            value: self.value,
            exemplar: self.exemplar.map(|exemplar| Exemplar {
                labels: owned(exemplar.labels),
                value: exemplar.value,
                at: exemplar.at,
            }),
        }
    }
}

impl Exemplar<'_> {
    /// The value of a label; `None` where there is none of this name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        value_of(&self.labels, name)
    }
}

fn owned(labels: Vec<Label<'_>>) -> Vec<Label<'static>> {
    let labels = labels.into_iter();
    labels
        .map(|(name, value)| (name.into_owned().into(), value.into_owned().into()))
        .collect()
}

/// Reads a line that is neither empty nor a comment; `None` where it is no sample.
pub(crate) fn sample(text: &str) -> Option<Sample<'_>> {
    let end = text.find(['{', ' ', '\t'])?;
    let (name, rest) = text.split_at(end);
    let Brackets {
        metric,
        labels,
        rest,
    } = match rest.strip_prefix('{') {
        Some(rest) => brackets(rest)?,
        None => Brackets {
            metric: None,
            labels: Vec::new(),
            rest,
        },
    };
    // The name stands before the bracket, or in it in quotes.
    let name = match metric {
        Some(metric) if name.is_empty() => metric,
        Some(_) => return None,
        None => name.into(),
    };
    let (numbers, exemplar) = match rest.split_once(" # {") {
        Some((numbers, exemplar)) => (numbers, Some(read_exemplar(exemplar)?)),
        None => (rest, None),
    };
    // A time may follow. It is ignored: samples get the time of the scrape.
    let mut words = numbers.split_whitespace();
    let value = number(words.next()?)?;
    let time = words.next().map(str::parse::<f64>);
    let is_whole = !name.is_empty() && words.next().is_none() && !matches!(time, Some(Err(_)));
    is_whole.then_some(Sample {
        name,
        labels,
        value,
        exemplar,
    })
}

fn read_exemplar(text: &str) -> Option<Exemplar<'_>> {
    let Brackets {
        metric: None,
        labels,
        rest,
    } = brackets(text)?
    else {
        return None;
    };
    let mut words = rest.split_whitespace();
    Some(Exemplar {
        labels,
        value: number(words.next()?)?,
        at: match words.next() {
            Some(time) => Some(time.parse().ok()?),
            None => None,
        },
    })
}

/// Rust reads numbers as both formats write them: `+Inf` and `NaN` too.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}
