//! The calls that samples name: how a dot on a panel leads to its trace.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    budget::{Budget, BudgetError},
    labels::Labels,
    matcher::{Matcher, any_accepts},
};

/// How many exemplars are kept, about 200 bytes each.
pub(crate) const CAPACITY: usize = 10_000;

/// One call that a series has counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) series: Labels,
    /// `trace_id` and `span_id`.
    pub(crate) labels: Labels,
    pub(crate) value: f64,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// The last exemplars of all series. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exemplars {
    ring: Arc<Mutex<Ring>>,
}

#[derive(Debug, Default)]
struct Ring {
    kept: VecDeque<Exemplar>,
    /// The labels of the last exemplar of each series: a page repeats an exemplar until there is a
    /// new one.
    last: HashMap<Labels, Labels>,
}

impl Exemplars {
    /// Keeps the exemplars, except those that repeat the last one of their series.
    pub(crate) fn add(&self, exemplars: Vec<Exemplar>) {
        let mut ring = self.lock();
        let Ring { kept, last } = &mut *ring;
        for exemplar in exemplars {
            if last.get(&exemplar.series) == Some(&exemplar.labels) {
                continue;
            }
            last.insert(exemplar.series.clone(), exemplar.labels.clone());
            kept.push_back(exemplar);
            if kept.len() > CAPACITY
                && let Some(oldest) = kept.pop_front()
                && last.get(&oldest.series) == Some(&oldest.labels)
            {
                last.remove(&oldest.series);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().kept.len()
    }

    /// The exemplars of this time, for each series that passes one of the selectors. Series are
    /// sorted by labels, their exemplars by time.
    ///
    /// # Errors
    /// When the time of the budget is over.
    pub(crate) fn select(
        &self,
        selectors: &[Vec<Matcher>],
        from: i64,
        to: i64,
        budget: &Budget,
    ) -> Result<Vec<Vec<Exemplar>>, BudgetError> {
        let ring = self.lock();
        let there = ring.kept.iter();
        let there = there.filter(|it| (from..=to).contains(&it.at));
        let mut there: Vec<_> = there.cloned().collect();
        drop(ring);
        there.sort_by(|a, b| a.series.cmp(&b.series).then(a.at.cmp(&b.at)));
        let mut found = Vec::new();
        for of_series in there.chunk_by(|a, b| a.series == b.series) {
            budget.check()?;
            if any_accepts(selectors, &of_series[0].series) {
                found.push(of_series.to_vec());
            }
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budget, CAPACITY, Exemplar, Exemplars, Labels, Matcher};

    fn exemplar(trace: usize, at: i64) -> Exemplar {
        Exemplar {
            series: Labels::from_iter([("__name__", "calls")]),
            labels: Labels::from_iter([("trace_id", trace.to_string().as_str())]),
            value: 1.0,
            at,
        }
    }

    #[test]
    fn what_a_page_shows_again_is_kept_once() {
        let exemplars = Exemplars::default();
        exemplars.add(vec![exemplar(1, 1)]);
        exemplars.add(vec![exemplar(1, 1), exemplar(2, 2)]);
        exemplars.add(vec![exemplar(2, 2)]);
        assert_eq!(exemplars.len(), 2);
        let of = |name, from| {
            let selectors = [vec![Matcher::equal("__name__", name)]];
            let budget = Budget::new(Duration::from_mins(1));
            exemplars.select(&selectors, from, 9, &budget).unwrap()
        };
        assert_eq!(of("calls", 2), [[exemplar(2, 2)]]);
        assert!(of("up", 0).is_empty());
    }

    #[test]
    fn the_oldest_make_room() {
        let exemplars = Exemplars::default();
        exemplars.add((0..CAPACITY + 5).map(|n| exemplar(n, 0)).collect());
        assert_eq!(exemplars.len(), CAPACITY);
        assert_eq!(exemplars.lock().last.len(), 1);
    }
}
