//! From a page to samples and exemplars of one target.

use std::{borrow::Cow, collections::HashMap};

use prom_text::{Label, Line, ParseError, lines};

use super::target::Target;
use crate::{
    intern::Text,
    metrics::{
        number::milliseconds,
        tsdb::{Exemplar, Labels, NAME, Sample, SampleStore, Tsdb},
    },
};

/// The most samples of one page.
const MAX_SAMPLES: usize = 20_000;

/// The longest labels of an exemplar, names and values together, in characters.
/// Spec: [Exemplars](https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars).
const MAX_EXEMPLAR_CHARS: usize = 128;

/// The end of the name of a sample that says since when a counter or a histogram counts.
/// Spec: [`_created`](https://prometheus.io/docs/specs/om/open_metrics_spec/#counter).
const CREATED: &str = "_created";

/// Why a page is refused as a whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    BadLine(#[from] ParseError),
    /// The rest of the page was not read: in 8 MiB there is room for two million samples.
    #[error("sample limit exceeded")]
    TooManySamples,
}

/// What a page says at a moment.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) samples: Vec<(Labels, Sample)>,
    pub(super) exemplars: Vec<Exemplar>,
    /// When the family with these labels was at zero, in milliseconds since 1970.
    created: HashMap<Labels, i64>,
}

/// The types whose series count from zero.
const COUNTING: [&str; 3] = ["counter", "histogram", "summary"];

impl Page {
    pub(super) fn read(
        text: &str,
        target: &Target,
        at: i64,
        tsdb: &Tsdb,
    ) -> Result<Self, PageError> {
        let mut page = Self::default();
        let mut counting = None;
        for line in lines(text) {
            match line? {
                Line::Metadata {
                    keyword,
                    family,
                    text,
                } => {
                    tsdb.metadata.record(keyword, &family, text);
                    if keyword == "TYPE" {
                        counting = COUNTING.contains(&text).then_some(family);
                    }
                }
                Line::Sample(_) if page.samples.len() == MAX_SAMPLES => {
                    return Err(PageError::TooManySamples);
                }
                Line::Sample(point) => match point.name.strip_suffix(CREATED) {
                    Some(family) if counting.as_deref() == Some(family) => {
                        let labels = labels(&point, target, &tsdb.samples).with(NAME, family);
                        let created = milliseconds(point.value).filter(|created| *created < at);
                        page.created
                            .extend(created.map(|created| (labels, created)));
                    }
                    _ => page.add(&point, target, at, &tsdb.samples),
                },
            }
        }
        Ok(page)
    }

    /// The zero that a series had at its creation: without it, a rate misses the growth from zero
    /// to the first value.
    pub(super) fn zero(&self, labels: &Labels) -> Option<Sample> {
        let family = family(labels.get(NAME))?;
        let of_family = labels.with("le", "").with(NAME, family);
        let at = *self.created.get(&of_family)?;
        Some(Sample { at, value: 0.0 })
    }

    fn add(&mut self, point: &prom_text::Sample, target: &Target, at: i64, store: &SampleStore) {
        let labels = labels(point, target, store);
        if let Some(exemplar) = point.exemplar.as_ref().filter(|it| is_short(it)) {
            self.exemplars.push(stored(exemplar, &labels, at));
        }
        let value = point.value;
        self.samples.push((labels, Sample { at, value }));
    }
}

/// The family of a sample of a counter, histogram or summary.
fn family(name: &str) -> Option<&str> {
    ["_total", "_bucket", "_count", "_sum"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
}

/// The labels of the sample and of the target. If both have a label of one name, the one of the
/// target wins, and the one of the sample is renamed to `exported_…`.
fn labels(point: &prom_text::Sample, target: &Target, store: &SampleStore) -> Labels {
    let of_target = &target.labels;
    let own = point.labels.iter().map(|(name, value)| {
        let is_taken = !of_target.get(name).is_empty();
        let name = if is_taken {
            Cow::Owned(format!("exported_{name}"))
        } else {
            Cow::Borrowed(name.as_ref())
        };
        (name, value.as_ref())
    });
    let own: Vec<_> = own.collect();
    let own = own.iter().map(|(name, value)| (name.as_ref(), *value));
    let of_target = of_target.iter().map(|(name, value)| (&**name, &**value));
    store.share(own.chain(of_target).chain([(NAME, point.name.as_ref())]))
}

/// Longer exemplars are left out, as in Prometheus; their samples are kept.
fn is_short(exemplar: &prom_text::Exemplar) -> bool {
    let texts = exemplar.labels.iter();
    let chars = texts.map(|(name, value)| name.chars().count() + value.chars().count());
    chars.sum::<usize>() <= MAX_EXEMPLAR_CHARS
}

fn stored(exemplar: &prom_text::Exemplar, series: &Labels, at: i64) -> Exemplar {
    let pairs = exemplar.labels.iter();
    let pair =
        |(name, value): &Label| -> (Text, Text) { (name.as_ref().into(), value.as_ref().into()) };
    Exemplar {
        series: series.clone(),
        labels: pairs.map(pair).collect(),
        value: exemplar.value,
        at: exemplar.at.and_then(milliseconds).unwrap_or(at),
    }
}
