//! A page of `/metrics`, in the text format or in OpenMetrics.

use std::collections::BTreeMap;

/// The samples of one scrape.
#[derive(Debug)]
pub(crate) struct Page {
    samples: Vec<Sample>,
}

/// One line.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
    exemplar: Option<Exemplar>,
}

/// A dot on a panel: one call, and its trace.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) trace_id: String,
    /// Seconds since 1970.
    pub(crate) at: f64,
}

impl Page {
    /// Reads all lines that are samples.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self {
            samples: lines.filter_map(Sample::parse).collect(),
        }
    }

    /// Whether no line of it is a sample.
    pub(crate) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The sum over the series of this name whose labels pass; 0 when there is none.
    pub(crate) fn sum(&self, name: &str, pass: impl Fn(&BTreeMap<String, String>) -> bool) -> f64 {
        let samples = self.samples.iter();
        let of_name = samples.filter(|sample| sample.name == name && pass(&sample.labels));
        // From zero: the sum of no numbers is minus zero, which people would read.
        of_name.fold(0.0, |sum, sample| sum + sample.value)
    }

    /// The exemplars of a metric.
    pub(super) fn exemplars(&self, name: &str) -> impl Iterator<Item = &Exemplar> {
        let samples = self
            .samples
            .iter()
            .filter(move |sample| sample.name == name);
        samples.filter_map(|sample| sample.exemplar.as_ref())
    }
}

impl Sample {
    /// `name{label="value"} 1 # {trace_id="…"} 0.5 1700000000.123`
    fn parse(line: &str) -> Option<Self> {
        let end = line.find(['{', ' '])?;
        let (name, rest) = line.split_at(end);
        let (labels, rest) = read_labels(rest)?;
        let (value, exemplar) = match rest.split_once(" # ") {
            Some((value, exemplar)) => (value, Exemplar::parse(exemplar)),
            None => (rest, None),
        };
        Some(Self {
            name: name.to_owned(),
            labels,
            value: value.split_whitespace().next()?.parse().ok()?,
            exemplar,
        })
    }
}

impl Exemplar {
    /// `{trace_id="…"} 0.5 1700000000.123`
    fn parse(text: &str) -> Option<Self> {
        let (mut labels, rest) = read_labels(text)?;
        Some(Self {
            trace_id: labels.remove("trace_id")?,
            at: rest.split_whitespace().nth(1)?.parse().ok()?,
        })
    }
}

/// Reads `{name="value",…}`, if it is there, and answers what comes after it.
pub(crate) fn read_labels(text: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    let Some(mut rest) = text.strip_prefix('{') else {
        return Some((labels, text));
    };
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let (value, after) = read_value(quoted)?;
        labels.insert(name.to_owned(), value);
        rest = after;
    }
}

/// Reads up to the closing quote; backslash, quote and line feed are escaped inside.
fn read_value(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[place + 1..])),
            '\\' => match letters.next()? {
                (_, 'n') => value.push('\n'),
                (_, escaped) => value.push(escaped),
            },
            _ => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Exemplar, Page};

    const OPENMETRICS: &str = "\
# TYPE calls counter\n\
calls_total{service=\"a\",code=\"OK\"} 3.0\n\
calls_total{service=\"a\",code=\"say \\\"no\\\", {twice}\"} 4\n\
calls_total{service=\"b\",code=\"OK\"} 5 1700000000\n\
up 1\n\
wait_bucket{le=\"+Inf\"} 2 # {trace_id=\"0af7\",span_id=\"b7\"} 0.25 1700000000.125\n\
# EOF\n";

    #[test]
    fn samples_are_found_by_name_and_labels() {
        let page = Page::parse(OPENMETRICS);
        let sum = |key: &str, value: &str| {
            let wanted = Some(value);
            page.sum("calls_total", |labels| {
                labels.get(key).map(String::as_str) == wanted
            })
        };
        for (key, value, expected) in [
            ("service", "a", "7"),
            ("code", "OK", "8"),
            ("code", "say \"no\", {twice}", "4"),
            ("code", "absent", "0"),
        ] {
            assert_eq!(sum(key, value).to_string(), expected, "{key}={value}");
        }
        assert_eq!(page.sum("up", |_| true).to_string(), "1");
        assert_eq!(page.sum("down", |_| true).to_string(), "0");
    }

    #[test]
    fn an_exemplar_is_what_stands_behind_the_value() {
        let page = Page::parse(OPENMETRICS);
        let exemplar = Exemplar {
            trace_id: "0af7".to_owned(),
            at: 1_700_000_000.125,
        };
        assert_eq!(
            page.exemplars("wait_bucket").collect::<Vec<_>>(),
            [&exemplar]
        );
        assert_eq!(page.exemplars("calls_total").count(), 0);
    }

    #[test]
    fn lines_that_are_no_samples_are_passed_over() {
        for line in [
            "",
            "name",
            "name{",
            "name{a=\"b} 1",
            "name{a} 1",
            "name x",
            "{} ",
        ] {
            assert!(Page::parse(line).is_empty(), "{line}");
        }
    }
}
