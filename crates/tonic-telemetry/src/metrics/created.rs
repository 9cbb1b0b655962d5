use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::Mutex,
    time::SystemTime,
};

use prometheus::proto::{Metric, MetricFamily, MetricType};

/// Since when each counter and histogram counts.
///
/// A series is on no page before its first value. A rate misses that value, because there is none
/// before it to compare with. The creation time says that the series began at zero.
/// Spec: [`_created`](https://prometheus.io/docs/specs/om/open_metrics_spec/#counter).
#[derive(Debug)]
pub(super) struct CreationTimes {
    hasher: RandomState,
    seen: Mutex<Seen>,
}

/// The series of the last page only: series that are gone take no memory.
#[derive(Debug)]
struct Seen {
    page: SystemTime,
    created: HashMap<u64, SystemTime>,
}

/// The creation times of the series of one page.
pub(super) struct Created<'a> {
    hasher: &'a RandomState,
    created: HashMap<u64, SystemTime>,
}

impl CreationTimes {
    pub(super) fn new(now: SystemTime) -> Self {
        Self {
            hasher: RandomState::new(),
            seen: Mutex::new(Seen {
                page: now,
                created: HashMap::new(),
            }),
        }
    }

    /// The creation times for a page that is written now.
    ///
    /// A series that the last page did not have counted nothing until then: it is as old as that
    /// page. On the first page all are as old as the registry.
    pub(super) fn of(&self, families: &[MetricFamily], now: SystemTime) -> Created<'_> {
        let mut seen = self.seen.lock().expect(NO_PANIC);
        let counting = families.iter().filter(|family| counts(family));
        let series = counting.flat_map(|family| {
            let metrics = family.get_metric().iter();
            metrics.map(|metric| key(&self.hasher, family, metric))
        });
        let created = series.map(|key| (key, *seen.created.get(&key).unwrap_or(&seen.page)));
        let created: HashMap<_, _> = created.collect();
        *seen = Seen {
            page: now,
            created: created.clone(),
        };
        Created {
            hasher: &self.hasher,
            created,
        }
    }
}

impl Created<'_> {
    /// `None` for a gauge.
    pub(super) fn at(&self, family: &MetricFamily, metric: &Metric) -> Option<SystemTime> {
        let key = key(self.hasher, family, metric);
        self.created.get(&key).copied()
    }
}

fn counts(family: &MetricFamily) -> bool {
    matches!(
        family.get_field_type(),
        MetricType::COUNTER | MetricType::HISTOGRAM
    )
}

fn key(hasher: &RandomState, family: &MetricFamily, metric: &Metric) -> u64 {
    let labels = metric.get_label().iter();
    let labels: Vec<_> = labels.map(|it| (it.name(), it.value())).collect();
    hasher.hash_one((family.name(), labels))
}

const NO_PANIC: &str = "nothing panics while it holds the creation times";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prometheus::{IntCounterVec, IntGauge, Opts, Registry};

    use super::*;

    #[test]
    fn a_series_is_as_old_as_the_last_page_without_it() {
        let [start, first, second, third] =
            [0, 10, 20, 30].map(|s| SystemTime::UNIX_EPOCH + Duration::from_secs(s));
        let registry = Registry::new();
        let calls = IntCounterVec::new(Opts::new("calls_total", "Calls."), &["code"]).unwrap();
        let open = IntGauge::new("open", "Open.").unwrap();
        registry.register(Box::new(calls.clone())).unwrap();
        registry.register(Box::new(open)).unwrap();
        let times = CreationTimes::new(start);
        let page = |now| {
            let families = registry.gather();
            let created = times.of(&families, now);
            let all = families.iter().flat_map(|family| {
                let metrics = family.get_metric().iter();
                metrics.map(|metric| created.at(family, metric))
            });
            all.collect::<Vec<_>>()
        };

        calls.with_label_values(&["OK"]).inc();
        assert_eq!(page(first), [Some(start), None]);
        calls.with_label_values(&["UNKNOWN"]).inc();
        assert_eq!(page(second), [Some(start), Some(first), None]);
        assert_eq!(page(third), [Some(start), Some(first), None]);
        calls.reset();
        assert_eq!(page(third), [None]);
        assert!(times.seen.lock().unwrap().created.is_empty());
    }
}
