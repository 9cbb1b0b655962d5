use crate::{Exemplar, Line, Sample, lines};

/// The samples of a page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    samples: Vec<Sample<'static>>,
}

impl Page {
    /// Reads all lines that are samples, and leaves out what is none.
    ///
    /// Where a line that cannot be read is an error, read the page with [`lines`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let samples = lines(text).filter_map(|line| match line {
            Ok(Line::Sample(sample)) => Some(sample.into_owned()),
            Ok(Line::Metadata { .. }) | Err(_) => None,
        });
        Self {
            samples: samples.collect(),
        }
    }

    /// Whether no line of it is a sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The samples of this name, as `calls_total`, in the order of the page.
    pub fn samples(&self, name: &str) -> impl Iterator<Item = &Sample<'static>> {
        self.samples.iter().filter(move |it| it.name == name)
    }

    /// The sum over the samples of this name that `pass`; 0 when there is none.
    pub fn sum(&self, name: &str, pass: impl Fn(&Sample<'_>) -> bool) -> f64 {
        let passed = self.samples(name).filter(|sample| pass(sample));
        // From zero: `sum` of no numbers is minus zero, which would be shown as `-0`.
        passed.fold(0.0, |sum, sample| sum + sample.value)
    }

    /// The exemplars of the samples of this name.
    pub fn exemplars(&self, name: &str) -> impl Iterator<Item = &Exemplar<'static>> {
        self.samples(name)
            .filter_map(|sample| sample.exemplar.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

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
        for (key, value, expected) in [
            ("service", "a", "7"),
            ("code", "OK", "8"),
            ("code", "say \"no\", {twice}", "4"),
            ("code", "absent", "0"),
        ] {
            let sum = page.sum("calls_total", |sample| sample.label(key) == Some(value));
            assert_eq!(sum.to_string(), expected, "{key}={value}");
        }
        assert_eq!(page.sum("up", |_| true).to_string(), "1");
        assert_eq!(page.sum("down", |_| true).to_string(), "0");
    }

    #[test]
    fn an_exemplar_is_what_stands_behind_the_value() {
        let page = Page::parse(OPENMETRICS);
        let found: Vec<_> = page
            .exemplars("wait_bucket")
            .map(|exemplar| (exemplar.label("trace_id"), exemplar.at))
            .collect();
        assert_eq!(found, [(Some("0af7"), Some(1_700_000_000.125))]);
        assert_eq!(page.exemplars("calls_total").count(), 0);
    }

    #[test]
    fn lines_that_are_no_samples_are_left_out() {
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
