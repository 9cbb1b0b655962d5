//! Reads a page of metrics: OpenMetrics 1.0, or Prometheus' text format 0.0.4.

use std::borrow::Cow;

/// The longest name or value of a label, in bytes.
const MAX_LABEL_BYTES: usize = 4096;

/// The most labels of one sample.
const MAX_LABELS: usize = 64;

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// `# TYPE`, `# HELP` or `# UNIT`, the name of the family, and the rest.
    About(&'a str, Cow<'a, str>, &'a str),
    Sample(Point<'a>),
}

/// A sample, and the call that it may name.
#[derive(Debug, PartialEq)]
pub(super) struct Point<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) labels: Vec<Label<'a>>,
    pub(super) value: f64,
    pub(super) exemplar: Option<Mark<'a>>,
}

pub(super) type Label<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An exemplar: `# {trace_id="…"} 0.043 1700000000.123`
#[derive(Debug, PartialEq)]
pub(super) struct Mark<'a> {
    pub(super) labels: Vec<Label<'a>>,
    pub(super) value: f64,
    /// Seconds since 1970.
    pub(super) at: Option<f64>,
}

/// A page that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} is no metric: {text:?}")]
pub(super) struct BadPage {
    line: usize,
    text: String,
}

/// The lines of a page that say something.
pub(super) fn lines(page: &str) -> impl Iterator<Item = Result<Line<'_>, BadPage>> {
    let numbered = page.lines().enumerate();
    numbered.filter_map(|(index, text)| {
        let line = match text.strip_prefix('#') {
            Some(comment) => Ok(about(comment)?),
            None if text.trim().is_empty() => return None,
            None => sample(text).map(Line::Sample).ok_or_else(|| BadPage {
                line: index + 1,
                text: text.chars().take(100).collect(),
            }),
        };
        Some(line)
    })
}

fn about(comment: &str) -> Option<Line<'_>> {
    let (keyword, rest) = comment.trim_start().split_once(' ')?;
    let (family, rest) = if let Some(rest) = rest.strip_prefix('"') {
        quoted(rest)?
    } else {
        let (family, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        (family.into(), rest)
    };
    let is_known = ["TYPE", "HELP", "UNIT"].contains(&keyword);
    is_known.then(|| Line::About(keyword, family, rest.strip_prefix(' ').unwrap_or(rest)))
}

fn sample(text: &str) -> Option<Point<'_>> {
    let end = text.find(['{', ' ', '\t'])?;
    let (name, rest) = text.split_at(end);
    let (inside, labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (None, Vec::new(), rest),
    };
    // The name stands before the bracket, or in it in quotes.
    let name = match inside {
        Some(inside) if name.is_empty() => inside,
        Some(_) => return None,
        None => name.into(),
    };
    let (numbers, exemplar) = match rest.split_once(" # {") {
        Some((numbers, exemplar)) => (numbers, Some(mark(exemplar)?)),
        None => (rest, None),
    };
    // A time may follow; the one of the scrape is taken.
    let mut words = numbers.split_whitespace();
    let value = number(words.next()?)?;
    let time = words.next().map(str::parse::<f64>);
    let is_whole = !name.is_empty() && words.next().is_none() && !matches!(time, Some(Err(_)));
    is_whole.then_some(Point {
        name,
        labels,
        value,
        exemplar,
    })
}

fn mark(text: &str) -> Option<Mark<'_>> {
    let (None, labels, rest) = labels(text)? else {
        return None;
    };
    let mut words = rest.split_whitespace();
    Some(Mark {
        labels,
        value: number(words.next()?)?,
        at: match words.next() {
            Some(time) => Some(time.parse().ok()?),
            None => None,
        },
    })
}

/// What stands in brackets, and what follows it.
type Inside<'a> = (Option<Cow<'a, str>>, Vec<Label<'a>>, &'a str);

/// `a="b","c d"="e"}`; a text in quotes alone is the name of the metric.
fn labels(mut text: &str) -> Option<Inside<'_>> {
    let (mut metric, mut labels) = (None, Vec::new());
    loop {
        text = text.trim_start_matches([' ', ',']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some((metric, labels, rest));
        }
        let (name, rest) = if let Some(rest) = text.strip_prefix('"') {
            quoted(rest)?
        } else {
            let (name, _) = text.split_once('=')?;
            (name.trim().into(), &text[name.len()..])
        };
        let rest = rest.trim_start();
        if text.starts_with('"') && metric.is_none() && rest.starts_with([',', '}']) {
            (metric, text) = (Some(name), rest);
            continue;
        }
        let rest = rest.strip_prefix('=')?;
        let (value, rest) = quoted(rest.trim_start().strip_prefix('"')?)?;
        let is_small = labels.len() < MAX_LABELS && name.len().max(value.len()) <= MAX_LABEL_BYTES;
        if name.is_empty() || !is_small {
            return None;
        }
        labels.push((name, value));
        text = rest;
    }
}

/// A text up to its closing quote, and what follows.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes()[end] == b'"' {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut value = text[..end].to_owned();
    let mut chars = text[end..].char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => return Some((Cow::Owned(value), &text[end + offset + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

/// As Rust reads them, which is how both formats write them: `+Inf` and `NaN` too.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Line, Mark, Point, lines};

    #[test]
    fn a_page_is_read_line_by_line() {
        let page = "# TYPE a counter\n# HELP a How many.\n\n# a comment\n\
                    {\"a.b\",\"c \\\"d\"=\"e\"} 1\n# TYPE \"a.b\" gauge\n\
                    a_total{b=\"c\",d=\"\\\"\\n\"} 5 # {trace_id=\"1f\"} 0.5 17.25\nup +Inf 123\n# EOF\n";
        let read: Vec<_> = lines(page).map(Result::unwrap).collect();
        let exemplar = Mark {
            labels: vec![("trace_id".into(), "1f".into())],
            value: 0.5,
            at: Some(17.25),
        };
        let samples = [
            Line::About("TYPE", "a".into(), "counter"),
            Line::About("HELP", "a".into(), "How many."),
            Line::Sample(Point {
                name: "a.b".into(),
                labels: vec![("c \"d".into(), "e".into())],
                value: 1.0,
                exemplar: None,
            }),
            Line::About("TYPE", "a.b".into(), "gauge"),
            Line::Sample(Point {
                name: "a_total".into(),
                labels: vec![("b".into(), "c".into()), ("d".into(), "\"\n".into())],
                value: 5.0,
                exemplar: Some(exemplar),
            }),
            Line::Sample(Point {
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
    fn what_is_no_metric_is_said_with_its_line(#[case] text: &str) {
        let page = format!("good 1\n{text}\n");
        let error = lines(&page).find_map(Result::err).unwrap();
        assert!(error.to_string().starts_with("line 2 is no metric"));
    }

    proptest! {
        #[test]
        fn no_page_is_too_odd(page in "(?s)[a-z{}\"\\\\=# ,0-9\n]{0,200}") {
            lines(&page).for_each(drop);
        }
    }
}
