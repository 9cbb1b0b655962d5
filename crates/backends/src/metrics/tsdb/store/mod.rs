//! The samples of all series.
//!
//! One lock guards everything. A reader copies what it asks for and computes without the lock.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    budget::{Budget, BudgetError},
    labels::Labels,
    limits::SampleLimits,
    matcher::{Matcher, any_accepts},
    sample::{Sample, SeriesSamples},
    series::Series,
};
use crate::intern::{Text, Texts};

/// How much is forgotten at a time when there are too many bytes: a minute of samples.
const STEP_MS: i64 = 60_000;

/// The samples of the last hour. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct SampleStore {
    state: Arc<Mutex<SampleState>>,
}

#[derive(Debug)]
struct SampleState {
    limits: SampleLimits,
    texts: Texts,
    series: HashMap<Labels, Series>,
}

/// There are too many series for one more.
#[derive(Debug, thiserror::Error)]
#[error("{refused} new series are one too many: {limit} are kept")]
pub(crate) struct TooManySeries {
    refused: usize,
    limit: usize,
}

impl SampleStore {
    pub(crate) fn new(limits: SampleLimits) -> Self {
        let state = SampleState {
            limits,
            texts: Texts::default(),
            series: HashMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Keeps the samples, but not those of new series beyond the limit.
    ///
    /// # Errors
    /// When there were such samples; all others are kept.
    pub(crate) fn append<'a>(
        &self,
        samples: impl IntoIterator<Item = (&'a Labels, Sample)>,
    ) -> Result<(), TooManySeries> {
        let mut state = self.lock();
        let limit = state.limits.series;
        let mut refused = 0;
        for (labels, sample) in samples {
            if let Some(series) = state.series.get_mut(labels) {
                series.push(sample);
            } else if sample.is_stale() {
                // The end of a series that is not in the store.
            } else if state.series.len() < limit {
                let mut series = Series::new(labels.clone());
                series.push(sample);
                state.series.insert(labels.clone(), series);
            } else {
                refused += 1;
            }
        }
        if refused > 0 {
            return Err(TooManySeries { refused, limit });
        }
        Ok(())
    }

    /// The labels with each text shared with all other series.
    pub(crate) fn share<'a>(&self, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Labels {
        let texts = &mut self.lock().texts;
        pairs
            .map(|(name, value)| (texts.share(name), texts.share(value)))
            .collect::<Vec<(Text, Text)>>()
            .into_iter()
            .collect()
    }

    /// Forgets the samples that are too old at `now`, in milliseconds since 1970, and the oldest
    /// ones beyond the limit of bytes.
    pub(crate) fn trim(&self, now: i64) {
        let mut state = self.lock();
        let SampleState {
            limits,
            texts,
            series,
        } = &mut *state;
        let retention = i64::try_from(limits.retention.as_millis()).unwrap_or(i64::MAX);
        let mut horizon = now.saturating_sub(retention);
        loop {
            series.retain(|_, series| {
                series.forget_before(horizon);
                !series.is_empty()
            });
            if horizon >= now || series.values().map(Series::size).sum::<usize>() <= limits.bytes {
                break;
            }
            horizon += STEP_MS;
        }
        texts.sweep_when_grown();
    }

    /// How many series there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().series.len()
    }

    /// The labels of the series that pass one of the selectors and have a sample in this time,
    /// sorted.
    ///
    /// # Errors
    /// When the time of the budget is over.
    pub(crate) fn labels(
        &self,
        selectors: &[Vec<Matcher>],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<Labels>, BudgetError> {
        let state = self.lock();
        let there = state.series.values();
        let there = there.filter(|series| series.is_in(from, to));
        let there: Vec<_> = there.map(|series| series.labels.clone()).collect();
        drop(state);
        // A pattern may take its time, and scrapes wait for the lock.
        let mut found = Vec::new();
        for labels in there {
            budget.check()?;
            if any_accepts(selectors, &labels) {
                found.push(labels);
            }
        }
        found.sort();
        Ok(found)
    }

    /// The series that pass all matchers, with their samples of this time, both ends included.
    ///
    /// # Errors
    /// When there are more samples than the budget has room for, or its time is over.
    pub(crate) fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<SeriesSamples>, BudgetError> {
        // The same order each time: sums of floats depend on it, and people read it.
        let all = self.labels(&[matchers.to_vec()], from, to, budget)?;
        let mut found = Vec::with_capacity(all.len());
        // One lock for all series: a query sees all of a scrape or nothing of it.
        let state = self.lock();
        for labels in all {
            let Some(series) = state.series.get(&labels) else {
                continue;
            };
            let samples = series.samples(from, to);
            budget.spend(samples.len())?;
            if !samples.is_empty() {
                found.push(SeriesSamples { labels, samples });
            }
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, SampleState> {
        // The state is whole between any two statements that can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
