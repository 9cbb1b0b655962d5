//! The registry in `vocabulary/` lists what the services say of themselves, no more and no less.

mod registry;
mod sources;
mod spans;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use prom_text::Line;

use crate::support::{Demo, get};
use registry::Registry;
use spans::call_in_all_ways;

#[tokio::test]
async fn every_metric_and_label_is_listed() {
    let demo = Demo::start_with(&[("OTEL_LOGS_EXPORTER", "otlp")]).await;
    call_in_all_ways(&demo).await;
    let registry = Registry::read();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for service in demo.services() {
        let admin = service.address("admin").await;
        let page = get(&format!("http://{admin}/metrics")).await.body;
        for (name, kind) in types(&page) {
            let name = name.as_ref();
            let listed = registry.metrics.get(name);
            let listed = listed.unwrap_or_else(|| panic!("{name} is not listed"));
            assert_eq!(listed.instrument, kind, "{name}");
            let labels = labels_of(&page, name);
            seen.entry(name.to_owned()).or_default().extend(labels);
        }
    }
    for (name, labels) in seen.iter().filter(|(_, labels)| !labels.is_empty()) {
        assert_eq!(labels, &registry.metrics[name].labels, "{name}");
    }
}

/// The families of our own and their types.
fn types(page: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let types = prom_text::lines(page).filter_map(|line| match line {
        Ok(Line::Metadata {
            keyword: "TYPE",
            family,
            text,
        }) => Some((family, text)),
        _ => None,
    });
    types.filter(|(name, _)| !name.starts_with("process_"))
}

/// The names of the labels of a family, without the buckets' own.
fn labels_of(page: &str, family: &str) -> BTreeSet<String> {
    let samples = prom_text::lines(page).filter_map(|line| match line {
        Ok(Line::Sample(sample)) if sample.name.starts_with(family) => Some(sample),
        _ => None,
    });
    let labels = samples.flat_map(|sample| sample.labels);
    let names = labels.map(|(name, _)| name.into_owned());
    names.filter(|name| name != "le").collect()
}

#[test]
fn what_is_listed_is_in_the_sources_and_what_is_in_the_sources_is_listed() {
    let (registry, literals) = (Registry::read(), sources::literals());
    let listed: BTreeSet<_> = registry.own.keys().collect();
    let written: BTreeSet<_> = literals.attributes.iter().collect();
    assert_eq!(listed, written);
    assert_eq!(registry.events, literals.events);
    for metric in registry.metrics.keys() {
        assert!(literals.all.contains(metric), "nothing makes {metric}");
    }
}

/// The rules of OpenTelemetry's policies that a registry breaks most easily.
#[test]
fn names_have_our_namespace_and_are_no_namespace_of_others() {
    let registry = Registry::read();
    let used = registry.spans.iter().flat_map(|group| &group.attributes);
    let all: BTreeSet<_> = registry.own.keys().chain(used).collect();
    for name in registry.own.keys() {
        assert!(name.starts_with("tracewalk."), "{name}");
        let namespace = format!("{name}.");
        let taken = all.iter().find(|other| other.starts_with(&namespace));
        assert_eq!(taken, None, "{name} is a namespace");
    }
    let names = registry.own.keys().chain(&registry.events);
    for name in names.chain(registry.metrics.keys()) {
        let mut parts = name.split(['.', '_']);
        let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let is_part = |part: &str| !part.is_empty() && part.chars().all(lower);
        assert!(parts.all(is_part), "{name}");
    }
}
