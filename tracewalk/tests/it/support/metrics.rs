use std::collections::BTreeMap;

use prom_text::{Page, Sample};

/// The method that the relay of `user` calls after the call of a user has been answered.
pub(crate) const RELAYED: &str = "PublishEvents";

/// One scrape: the samples by name and labels.
#[derive(Debug)]
pub(crate) struct Metrics(Page);

impl Metrics {
    /// Reads a page of metrics.
    pub(crate) fn parse(text: &str) -> Self {
        Self(Page::parse(text))
    }

    /// The sum over all series of that name whose labels have these values.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.samples_of(name, labels).map(count).sum()
    }

    /// How many series of that name have labels with these values.
    pub(crate) fn series(&self, name: &str, labels: &[(&str, &str)]) -> usize {
        self.samples_of(name, labels).count()
    }

    /// How often each status code was the end of a call, over all methods of a service but the one
    /// that the relay calls when it likes; zeros are left out.
    pub(crate) fn codes(&self, name: &str, service: &str) -> BTreeMap<String, u64> {
        let mut codes = BTreeMap::new();
        for sample in self.samples_of(name, &[("service", service)]) {
            if sample.value > 0.0 && sample.label("method") != Some(RELAYED) {
                let code = sample.label("code").expect("a status code").to_owned();
                *codes.entry(code).or_default() += count(sample);
            }
        }
        codes
    }

    fn samples_of<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a Sample<'static>> {
        let of_name = self.0.samples(name);
        of_name.filter(|sample| {
            let mut wanted = labels.iter();
            wanted.all(|(key, value)| sample.label(key) == Some(*value))
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts"
)]
fn count(sample: &Sample<'_>) -> u64 {
    sample.value as u64
}
