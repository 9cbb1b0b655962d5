//! Sends the queries of the dashboards and rules of this repository to the engine, and to a real
//! Prometheus with the same samples.

mod dataset;
#[cfg(feature = "external")]
mod judge;
mod queries;

use std::time::Duration;

use super::{
    promql::{Timeline, Value, evaluate, parse},
    tsdb::{Budget, Matcher, SampleStore, SeriesSamples},
};

/// The samples in a store of ours.
fn store() -> SampleStore {
    let store = SampleStore::new(super::SampleLimits::default());
    fill(&store);
    store
}

fn fill(store: &SampleStore) {
    for SeriesSamples { labels, samples } in dataset::series() {
        let samples = samples.iter().map(|sample| (&labels, *sample));
        store.append(samples).unwrap();
    }
}

#[test]
fn every_panel_and_rule_has_an_answer() {
    let store = store();
    let timeline = Timeline::between(dataset::START, dataset::END, 15_000);
    let queries = queries::all();
    assert!(queries.len() > 100, "{}", queries.len());
    let mut empty = Vec::new();
    for query in queries {
        let expr = parse(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
        let budget = Budget::new(Duration::from_mins(1));
        match evaluate(&expr, &store, timeline, &budget) {
            Ok(Value::Vector(rows)) if rows.is_empty() => empty.push(query),
            Ok(Value::Vector(_) | Value::Scalar(_)) => {}
            other => panic!("{query}: {other:?}"),
        }
    }
    empty.retain(|query| !queries::MAY_BE_EMPTY.iter().any(|it| query.contains(it)));
    assert!(empty.is_empty(), "no answer: {empty:#?}");
}

#[test]
fn the_store_gives_back_what_it_got() {
    let store = store();
    for expected in dataset::series() {
        let matchers: Vec<_> = expected
            .labels
            .iter()
            .map(|(name, value)| Matcher::equal(name, value))
            .collect();
        let budget = Budget::new(Duration::from_mins(1));
        let found = store.select(&matchers, i64::MIN, i64::MAX, &budget);
        let found = found.unwrap();
        let same = found.iter().find(|it| it.labels == expected.labels);
        // NaN is not equal to itself.
        let bits = |samples: &SeriesSamples| -> Vec<_> {
            let samples = samples.samples.iter();
            samples.map(|it| (it.at, it.value.to_bits())).collect()
        };
        assert_eq!(bits(same.unwrap()), bits(&expected), "{}", expected.labels);
    }
}
