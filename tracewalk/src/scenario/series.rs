//! Series on the metrics page of a service: `user grpc_client_retries_total{method="GetProfile"}`.

use std::collections::BTreeMap;

use prom_text::{Page, Sample, read_labels};

/// The series of one name that have these labels.
#[derive(Debug, PartialEq)]
pub(super) struct Series {
    /// The service whose page has them.
    pub(super) service: String,
    /// The process of that service, from 1; `None` is all of them.
    pub(super) replica: Option<usize>,
    name: String,
    labels: BTreeMap<String, String>,
}

impl Series {
    /// Reads the beginning of a line, and gives what follows it; `None` where it is no series.
    pub(super) fn parse(line: &str) -> Option<(Self, &str)> {
        let (service, rest) = line.split_once(' ')?;
        let rest = rest.trim_start();
        // The name of a metric begins with no digit.
        let (replica, rest) = match rest.split_once(' ') {
            Some((number, after)) if number.bytes().all(|it| it.is_ascii_digit()) => {
                let number = number.parse().ok().filter(|number| *number > 0);
                (Some(number?), after.trim_start())
            }
            _ => (None, rest),
        };
        let end = rest.find(['{', ' ', ')']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let (labels, rest) = read_labels(rest)?;
        let is_known = ["gateway", "user", "profile"].contains(&service);
        let labels = labels.into_iter();
        let series = Self {
            service: service.to_owned(),
            replica,
            name: name.to_owned(),
            labels: labels
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        };
        (is_known && !name.is_empty()).then_some((series, rest))
    }

    /// The samples on these pages.
    pub(super) fn samples<'a>(
        &'a self,
        pages: impl Iterator<Item = &'a Page>,
    ) -> impl Iterator<Item = &'a Sample<'static>> {
        let has_labels = |sample: &&Sample<'_>| {
            let mut wanted = self.labels.iter();
            wanted.all(|(label, value)| sample.label(label) == Some(value))
        };
        pages
            .flat_map(|page| page.samples(&self.name))
            .filter(has_labels)
    }
}
