//! What a scrape appends to the store: samples of the page, ends of series, and how the scrape went.

use std::{collections::HashSet, time::Duration};

use super::{page::Page, target::Target};
use crate::metrics::{
    number::count,
    tsdb::{Labels, NAME, Sample, SampleStore},
};

/// The names of the series about a scrape.
const FACTS: [&str; 3] = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

/// Stores the samples of a page. A new series gets its zero first, and a series that is no longer
/// on the page gets an end.
pub(super) fn keep(
    store: &SampleStore,
    page: &Page,
    shown: &HashSet<Labels>,
    at: i64,
) -> Result<(), String> {
    let there: HashSet<_> = page.samples.iter().map(|(labels, _)| labels).collect();
    let ended = shown.iter().filter(|labels| !there.contains(labels));
    let ended = ended.map(|labels| (labels, Sample::stale(at)));
    let samples = page
        .samples
        .iter()
        .map(|(labels, sample)| (labels, *sample));
    let new = page.samples.iter().map(|(labels, _)| labels);
    let new = new.filter(|labels| !shown.contains(*labels));
    let zeros = new.filter_map(|labels| Some((labels, page.zero(labels)?)));
    let kept = store.append(zeros.chain(samples).chain(ended));
    kept.map_err(|error| error.to_string())
}

/// Stores the samples about the scrape itself, such as `up`.
pub(super) fn report(
    store: &SampleStore,
    target: &Target,
    at: i64,
    took: Duration,
    samples: usize,
    is_up: bool,
) {
    let values = [f64::from(is_up), took.as_secs_f64(), count(samples)];
    let facts = FACTS.into_iter().zip(values).map(|(name, value)| {
        let labels = target.labels.with(NAME, name);
        (labels, Sample { at, value })
    });
    let facts: Vec<_> = facts.collect();
    let facts = facts.iter().map(|(labels, sample)| (labels, *sample));
    if let Err(error) = store.append(facts) {
        tracing::warn!(%error, "the outcome of a scrape is not kept");
    }
}

/// Ends the series of a target, and those about its scrapes.
pub(super) fn end(store: &SampleStore, target: &Target, shown: &HashSet<Labels>, at: i64) {
    let facts = FACTS.map(|name| target.labels.with(NAME, name));
    let ended = shown.iter().chain(&facts);
    let ended = ended.map(|labels| (labels, Sample::stale(at)));
    if let Err(error) = store.append(ended) {
        tracing::warn!(%error, "the end of a target is not kept");
    }
}
