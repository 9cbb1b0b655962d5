//! The calls that samples name: how a dot on a panel leads to its trace.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{labels::Labels, matcher::Matcher};

/// How many are kept, about 200 bytes each.
pub(crate) const ROOM: usize = 10_000;

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
    /// Of each series the labels of its last: a page shows the same one until there is another.
    last: HashMap<Labels, Labels>,
}

impl Exemplars {
    /// Keeps those that the last scrape has not shown already.
    pub(crate) fn add(&self, exemplars: Vec<Exemplar>) {
        let mut ring = self.lock();
        let Ring { kept, last } = &mut *ring;
        for exemplar in exemplars {
            if last.get(&exemplar.series) == Some(&exemplar.labels) {
                continue;
            }
            last.insert(exemplar.series.clone(), exemplar.labels.clone());
            kept.push_back(exemplar);
            if kept.len() > ROOM
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

    /// Those of the series that pass, of this time, sorted by series and time.
    pub(crate) fn select(&self, matchers: &[Matcher], from: i64, to: i64) -> Vec<Exemplar> {
        let ring = self.lock();
        let found = ring.kept.iter();
        let found = found
            .filter(|it| (from..=to).contains(&it.at))
            .filter(|it| matchers.iter().all(|matcher| matcher.accepts(&it.series)));
        let mut found: Vec<_> = found.cloned().collect();
        drop(ring);
        found.sort_by(|a, b| a.series.cmp(&b.series).then(a.at.cmp(&b.at)));
        found
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Exemplar, Exemplars, Labels, Matcher, ROOM};

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
        let calls = [Matcher::equal("__name__", "calls")];
        assert_eq!(exemplars.select(&calls, 2, 9), [exemplar(2, 2)]);
        assert_eq!(
            exemplars.select(&[Matcher::equal("__name__", "up")], 0, 9),
            []
        );
    }

    #[test]
    fn the_oldest_make_room() {
        let exemplars = Exemplars::default();
        exemplars.add((0..ROOM + 5).map(|n| exemplar(n, 0)).collect());
        assert_eq!(exemplars.len(), ROOM);
        assert_eq!(exemplars.lock().last.len(), 1);
    }
}
