//! The registry in `vocabulary/` lists what the services say of themselves, no more and no less.

#[path = "../support/mod.rs"]
mod support;

mod registry;
mod sources;
mod spans;

use std::collections::BTreeSet;

use registry::Registry;
use spans::call_in_all_ways;
use support::{Demo, get};

#[tokio::test]
async fn every_metric_and_label_is_listed() {
    let demo = Demo::start_with(&[("OTEL_LOGS_EXPORTER", "otlp")]).await;
    call_in_all_ways(&demo).await;
    let registry = Registry::read();
    for service in demo.services() {
        let admin = service.address("admin").await;
        let page = get(&format!("http://{admin}/metrics")).await.body;
        let families = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        for family in families.filter(|family| !family.starts_with("process_")) {
            let (name, kind) = family.split_once(' ').expect("a name and a type");
            let listed = registry.metrics.get(name);
            let listed = listed.unwrap_or_else(|| panic!("{name} is not listed"));
            assert_eq!(listed.instrument, kind, "{name}");
            let labels = labels_of(&page, name);
            let unknown: Vec<_> = labels.difference(&listed.labels).collect();
            assert!(unknown.is_empty(), "{name} has {unknown:?}");
        }
    }
}

/// The names of the labels of a family, without the buckets' own.
fn labels_of(page: &str, family: &str) -> BTreeSet<String> {
    let samples = page.lines().filter(|line| line.starts_with(family));
    let names = samples.filter_map(|line| line.split_once('{')?.1.split_once('}'));
    let pairs =
        names.flat_map(|(labels, _)| labels.split("\",").filter_map(|it| it.split_once('=')));
    let names = pairs.map(|(name, _)| name.to_owned());
    names.filter(|name| name != "le").collect()
}

#[test]
fn what_is_listed_is_in_the_sources_and_what_is_in_the_sources_is_listed() {
    let (registry, literals) = (Registry::read(), sources::literals());
    let ours = |name: &&String| name.starts_with("tracewalk.");
    let listed: BTreeSet<_> = registry.own.keys().filter(ours).collect();
    let written: BTreeSet<_> = literals.attributes.iter().collect();
    assert_eq!(listed, written);
    assert_eq!(registry.events, literals.events);
    for metric in registry.metrics.keys() {
        assert!(literals.all.contains(metric), "nothing makes {metric}");
    }
    let used = registry.metrics.values().flat_map(|metric| &metric.labels);
    let used: BTreeSet<_> = used.collect();
    let labels: BTreeSet<_> = registry.own.keys().filter(|it| !ours(it)).collect();
    assert_eq!(
        labels, used,
        "labels that are defined, and labels that metrics have"
    );
}
