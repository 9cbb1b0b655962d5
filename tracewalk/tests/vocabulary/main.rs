//! The registry in `vocabulary/` lists what the services say of themselves, no more and no less.

#[path = "../support/mod.rs"]
mod support;

mod registry;
mod sources;

use std::collections::BTreeSet;

use registry::Registry;
use support::{Demo, get};
use tonic::{Code, metadata::MetadataMap};

/// Calls of each kind, that succeed and that fail for each reason that a caller can make.
async fn call_in_all_ways(demo: &Demo) {
    let mut caller = demo.caller().await;
    for id in ["1", "nobody", ""] {
        caller.get(id).await;
        caller.watch(id, 2).await;
        caller.lookup(&[id]).await;
    }
    for email in ["ada@example.org", "ada@example.org", "nowhere"] {
        caller.create(email).await;
        caller.import(&[email]).await;
    }
    let mut hurried = MetadataMap::new();
    hurried.insert("grpc-timeout", "1u".parse().expect("visible ASCII"));
    let seen = caller.get_with("1", hurried).await;
    assert_ne!(seen.code, Code::Ok);
}

#[tokio::test]
async fn every_attribute_and_event_of_a_span_is_listed() {
    let mut demo = Demo::start().await;
    call_in_all_ways(&demo).await;
    // The last hop is gone: retries, and calls that fail on both sides.
    demo.profile.signal("KILL").await;
    let _killed = demo.profile.ended().await;
    call_in_all_ways(&demo).await;
    demo.stop().await;

    let registry = Registry::read();
    let spans = demo.collector.spans();
    assert!(spans.iter().any(|span| span.is_error));
    for span in spans {
        for key in span.attributes.keys() {
            assert!(registry.attributes.contains(key), "{key} of {span:?}");
        }
        for event in &span.events {
            assert!(registry.events.contains(event), "{event} of {span:?}");
        }
    }
}

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
    let listed: BTreeSet<_> = registry.own.iter().filter(ours).collect();
    let written: BTreeSet<_> = literals.attributes.iter().collect();
    assert_eq!(listed, written);
    assert_eq!(registry.events, literals.events);
    for metric in registry.metrics.keys() {
        assert!(literals.all.contains(metric), "nothing makes {metric}");
    }
    let used = registry.metrics.values().flat_map(|metric| &metric.labels);
    let used: BTreeSet<_> = used.collect();
    let labels: BTreeSet<_> = registry.own.iter().filter(|it| !ours(it)).collect();
    assert_eq!(
        labels, used,
        "labels that are defined, and labels that metrics have"
    );
}
