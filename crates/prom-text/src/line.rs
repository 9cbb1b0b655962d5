//! Reads a page line by line.

use std::borrow::Cow;

use crate::{
    labels::quoted,
    sample::{Sample, sample},
};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Line, Sample, lines};
    use crate::sample::Exemplar;

    fn metadata<'a>(keyword: &'a str, family: &'a str, text: &'a str) -> Line<'a> {
        Line::Metadata {
            keyword,
            family: family.into(),
            text,
        }
    }

    fn sample<'a>(
        name: &'a str,
        labels: &[(&'a str, &'a str)],
        value: f64,
        exemplar: Option<Exemplar<'a>>,
    ) -> Line<'a> {
        let labels = labels
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Line::Sample(Sample {
            name: name.into(),
            labels: labels.collect(),
            value,
            exemplar,
        })
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
            sample("a.b", &[("c \"d", "e")], 1.0, None),
            metadata("TYPE", "a.b", "gauge"),
            sample("a_total", &[("b", "c"), ("d", "\"\n")], 5.0, Some(exemplar)),
            sample("up", &[], f64::INFINITY, None),
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
