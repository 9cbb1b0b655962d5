//! What the store keeps, forgets, refuses and lends.

use std::time::Duration;

use super::{
    Budget, BudgetError, Labels, Matcher, Sample, SampleLimits, SampleStore, SeriesSamples,
};

fn labels(name: &str) -> Labels {
    Labels::from_iter([("__name__", name)])
}

fn push(store: &SampleStore, name: &str, at: i64, value: f64) -> bool {
    store
        .append([(&labels(name), Sample { at, value })])
        .is_ok()
}

fn select(
    store: &SampleStore,
    name: &str,
    budget: &Budget,
) -> Result<Vec<SeriesSamples>, BudgetError> {
    store.select(&[Matcher::equal("__name__", name)], 0, i64::MAX, budget)
}

fn count(store: &SampleStore, name: &str) -> usize {
    let found = select(store, name, &Budget::new(Duration::from_mins(1))).unwrap();
    found.iter().map(|series| series.samples.len()).sum()
}

#[test]
fn what_is_too_old_is_forgotten_and_its_series_with_it() {
    let store = SampleStore::new(SampleLimits {
        retention: Duration::from_mins(10),
        ..SampleLimits::default()
    });
    push(&store, "gone", 0, 1.0);
    for second in 0..3600 {
        push(&store, "up", second * 1000, 1.0);
    }
    store.trim(3_600_000);
    assert_eq!(store.len(), 1);
    // Whole chunks go, so up to one more of them is kept.
    assert!((600..=900).contains(&count(&store, "up")));
}

#[test]
fn too_many_series_are_refused_and_the_others_go_on() {
    let store = SampleStore::new(SampleLimits {
        series: 2,
        ..SampleLimits::default()
    });
    assert!(push(&store, "a", 1, 1.0) && push(&store, "b", 1, 1.0));
    assert!(!push(&store, "c", 1, 1.0));
    assert!(push(&store, "a", 2, 1.0));
    assert_eq!(count(&store, "a"), 2);
}

#[test]
fn too_many_bytes_shorten_the_time_that_is_kept() {
    let limits = SampleLimits {
        bytes: 256 * 1024,
        ..SampleLimits::default()
    };
    let store = SampleStore::new(limits);
    for second in 0..3600 {
        for series in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            // No two are alike: the most bytes that a sample can take.
            let noise = f64::from(second).sin();
            push(&store, series, i64::from(second) * 1000, noise);
        }
    }
    store.trim(3_600_000);
    let size: usize = store.lock().series.values().map(super::Series::size).sum();
    assert!(size <= limits.bytes, "{size}");
    assert!(count(&store, "a") > 500);
}

#[test]
fn no_more_is_copied_than_a_query_may_have() {
    let store = SampleStore::new(SampleLimits::default());
    for second in 0..20 {
        push(&store, "a", second * 1000, 1.0);
    }
    let budget = Budget::new(Duration::from_mins(1));
    assert!(select(&store, "a", &budget).is_ok());
    budget.spend(4_999_970).unwrap();
    let refused = select(&store, "a", &budget);
    assert_eq!(refused.unwrap_err(), BudgetError::TooManySamples);
    let late = select(&store, "a", &Budget::new(Duration::ZERO));
    assert_eq!(late.unwrap_err(), BudgetError::Timeout);
}

#[test]
fn an_older_sample_changes_nothing() {
    let store = SampleStore::new(SampleLimits::default());
    push(&store, "a", 2, 1.0);
    push(&store, "a", 1, 5.0);
    push(&store, "a", 2, 5.0);
    assert_eq!(count(&store, "a"), 1);
}
