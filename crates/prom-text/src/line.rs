use std::borrow::Cow;

use crate::labels::{Brackets, Label, brackets, quoted, value_of};

/// What a line says.
#[derive(Debug, PartialEq)]
pub enum Line<'a> {
    /// What the page says of a metric family: `# TYPE calls counter`.
    Metadata {
        /// `TYPE`, `HELP` or `UNIT`.
        keyword: &'a str,
        /// The name of the family.
        family: Cow<'a, str>,
        /// What is said.
        text: &'a str,
    },
    /// `calls_total{code="OK"} 3`
    Sample(Sample<'a>),
}

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

/// A page that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} is not a metric: {text:?}")]
pub struct ParseError {
    line: usize,
    text: String,
}

/// The samples and the metadata of a page; other comments and empty lines are left out.
///
/// # Errors
/// [`ParseError`] for each line that is neither a comment nor a sample.
pub fn lines(page: &str) -> impl Iterator<Item = Result<Line<'_>, ParseError>> {
    let numbered = page.lines().enumerate();
    numbered.filter_map(|(index, text)| {
        let line = match text.strip_prefix('#') {
            Some(comment) => Ok(metadata(comment)?),
            None if text.trim().is_empty() => return None,
            None => sample(text).map(Line::Sample).ok_or_else(|| ParseError {
                line: index + 1,
                text: text.chars().take(100).collect(),
            }),
        };
        Some(line)
    })
}

fn metadata(comment: &str) -> Option<Line<'_>> {
    let (keyword, rest) = comment.trim_start().split_once(' ')?;
    let (family, rest) = if let Some(rest) = rest.strip_prefix('"') {
        quoted(rest)?
    } else {
        let (family, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        (family.into(), rest)
    };
    let is_known = ["TYPE", "HELP", "UNIT"].contains(&keyword);
    is_known.then(|| Line::Metadata {
        keyword,
        family,
        text: rest.strip_prefix(' ').unwrap_or(rest),
    })
}

fn sample(text: &str) -> Option<Sample<'_>> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Exemplar, Line, Sample, lines};

    fn metadata<'a>(keyword: &'a str, family: &'a str, text: &'a str) -> Line<'a> {
        Line::Metadata {
            keyword,
            family: family.into(),
            text,
        }
    }

    #[test]
    fn a_page_is_read_line_by_line() {
        let page = "# TYPE a counter\n# HELP a How many.\n\n# a comment\n\
                    {\"a.b\",\"c \\\"d\"=\"e\"} 1\n# TYPE \"a.b\" gauge\n\
                    a_total{b=\"c\",d=\"\\\"\\n\"} 5 # {trace_id=\"1f\"} 0.5 17.25\nup +Inf 123\n# EOF\n";
        let read: Vec<_> = lines(page).map(Result::unwrap).collect();
        let exemplar = Exemplar {
            labels: vec![("trace_id".into(), "1f".into())],
            value: 0.5,
            at: Some(17.25),
        };
        let samples = [
            metadata("TYPE", "a", "counter"),
            metadata("HELP", "a", "How many."),
            Line::Sample(Sample {
                name: "a.b".into(),
                labels: vec![("c \"d".into(), "e".into())],
                value: 1.0,
                exemplar: None,
            }),
            metadata("TYPE", "a.b", "gauge"),
            Line::Sample(Sample {
                name: "a_total".into(),
                labels: vec![("b".into(), "c".into()), ("d".into(), "\"\n".into())],
                value: 5.0,
                exemplar: Some(exemplar),
            }),
            Line::Sample(Sample {
                name: "up".into(),
                labels: Vec::new(),
                value: f64::INFINITY,
                exemplar: None,
            }),
        ];
        assert_eq!(read, samples);
    }

    #[rstest]
    #[case("up")]
    #[case("up one")]
    #[case("up{a=\"b\" 1")]
    #[case("up{a=b} 1")]
    #[case("up{=\"b\"} 1")]
    #[case("{a=\"b\"} 1")]
    #[case("up{\"a\"} 1")]
    #[case("{\"a\",\"b\"} 1")]
    #[case("{\"\"} 1")]
    #[case("up 1 2 3")]
    #[case("<html>")]
    fn what_is_not_a_metric_is_an_error_with_its_line(#[case] text: &str) {
        let page = format!("good 1\n{text}\n");
        let error = lines(&page).find_map(Result::err).unwrap();
        assert!(error.to_string().starts_with("line 2 is not a metric"));
    }

    proptest! {
        #[test]
        fn no_page_is_too_odd(page in "(?s)[a-z{}\"\\\\=# ,0-9\n]{0,200}") {
            lines(&page).for_each(drop);
        }
    }
}
