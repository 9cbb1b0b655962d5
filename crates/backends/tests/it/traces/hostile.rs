//! Spans that no correct program sends. The store and the pages take them without harm.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{
    backend::{Backend, escape},
    spans::{child_of, link, service, span, text},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value as Json;

async fn shown(spans: Vec<Span>) -> Vec<Json> {
    let backend = Backend::start().await;
    backend.export(vec![service("user", spans)]).await;
    for path in [
        "/api/traces",
        "/api/dependencies",
        "/api/metrics/calls?service=user",
    ] {
        assert_eq!(backend.get(path).await.status, 200, "{path}");
    }
    let data = backend.data("/api/traces/1").await;
    let spans = data[0]["spans"].as_array();
    spans.expect("a trace has spans").clone()
}

/// The spans that the UI draws: those it reaches from the roots. A span hangs below its first
/// reference that is in the trace, of whatever type.
fn drawn(spans: &[Json]) -> BTreeSet<String> {
    let id = |span: &Json| {
        span["spanID"]
            .as_str()
            .expect("a span has an id")
            .to_owned()
    };
    let ids: BTreeSet<_> = spans.iter().map(id).collect();
    let mut children: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    for span in spans {
        let references = span["references"]
            .as_array()
            .expect("references are a list");
        let parent = references
            .iter()
            .map(id)
            .find(|parent| ids.contains(parent));
        children.entry(parent).or_default().push(id(span));
    }
    let mut reached = BTreeSet::new();
    let mut next = children.remove(&None).unwrap_or_default();
    while let Some(span) = next.pop() {
        next.extend(children.remove(&Some(span.clone())).unwrap_or_default());
        reached.insert(span);
    }
    reached
}

fn warnings(spans: &[Json]) -> Vec<&str> {
    let warnings = spans.iter().filter_map(|span| span["warnings"].as_array());
    warnings.flatten().filter_map(Json::as_str).collect()
}

#[tokio::test]
async fn a_circle_of_parents_is_opened_with_a_warning() {
    let spans = shown(vec![
        child_of(3, span(1, 1)),
        child_of(1, span(1, 2)),
        child_of(2, span(1, 3)),
        child_of(2, span(1, 4)),
    ])
    .await;
    assert_eq!(drawn(&spans).len(), 4);
    let warnings = warnings(&spans);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("its own ancestor"), "{warnings:?}");
}

#[tokio::test]
async fn a_span_that_is_its_own_parent_is_drawn() {
    let spans = shown(vec![child_of(1, span(1, 1))]).await;
    assert_eq!(drawn(&spans).len(), 1);
}

#[tokio::test]
async fn a_root_that_links_to_its_descendant_is_drawn() {
    let root = Span {
        links: vec![link(1, 2)],
        ..span(1, 1)
    };
    let spans = shown(vec![root, child_of(1, span(1, 2))]).await;
    assert_eq!(drawn(&spans).len(), 2);
}

#[tokio::test]
async fn two_circles_are_opened_each() {
    let circle = |first: u64| {
        let second = first + 1;
        [
            child_of(second, span(1, first)),
            child_of(first, span(1, second)),
        ]
    };
    let spans = shown([circle(1), circle(5)].concat()).await;
    assert_eq!(drawn(&spans).len(), 4);
    assert_eq!(warnings(&spans).len(), 2);
}

#[tokio::test]
async fn a_chain_of_ten_thousand_spans_is_answered() {
    let chain = (1..=10_000_u64).map(|id| child_of(id - 1, span(1, id)));
    let spans = shown(chain.collect()).await;
    assert_eq!(drawn(&spans).len(), 10_000);
}

#[tokio::test]
async fn an_end_before_the_start_is_a_duration_of_zero_with_a_warning() {
    let backwards = Span {
        start_time_unix_nano: 2_000_000,
        end_time_unix_nano: 1_000_000,
        ..span(1, 1)
    };
    let spans = shown(vec![backwards]).await;
    assert_eq!(spans[0]["duration"], 0);
    assert!(warnings(&spans)[0].contains("ends 1000000 ns before its start"));
}

#[tokio::test]
async fn a_span_without_a_start_is_a_point_at_its_end() {
    let timeless = Span {
        start_time_unix_nano: 0,
        end_time_unix_nano: 5_000_000,
        ..span(1, 1)
    };
    let spans = shown(vec![timeless]).await;
    assert_eq!(spans[0]["startTime"], 5_000);
    assert_eq!(spans[0]["duration"], 0);
    assert_eq!(warnings(&spans), ["this span has no start"]);
}

#[tokio::test]
async fn a_span_without_any_time_is_not_left_out_by_the_ui() {
    let timeless = Span {
        start_time_unix_nano: 0,
        end_time_unix_nano: 0,
        ..span(1, 1)
    };
    let spans = shown(vec![timeless]).await;
    assert!(
        spans[0]["startTime"].as_u64() > Some(0),
        "the UI leaves out spans at zero"
    );
}

#[tokio::test]
async fn times_at_the_end_of_the_range_do_not_overflow() {
    let endless = Span {
        start_time_unix_nano: 1,
        end_time_unix_nano: u64::MAX,
        ..span(1, 1)
    };
    let last = Span {
        start_time_unix_nano: u64::MAX,
        end_time_unix_nano: u64::MAX,
        ..span(1, 2)
    };
    let spans = shown(vec![endless, last]).await;
    assert_eq!(spans[0]["duration"], u64::MAX / 1_000);
}

#[tokio::test]
async fn names_are_data_and_not_markup_or_paths() {
    let backend = Backend::start().await;
    let name = "a/b?c#d e<script>\u{0}\n😀";
    let named = Span {
        name: name.to_owned(),
        attributes: vec![text(name, name), text("", "")],
        ..span(1, 1)
    };
    backend.export(vec![service(name, vec![named])]).await;
    let escaped = escape(name);
    let operations = backend
        .data(&format!("/api/services/{escaped}/operations"))
        .await;
    assert_eq!(operations, serde_json::json!([name]));
    let found = backend
        .search(&format!("service={escaped}&operation={escaped}"))
        .await;
    assert_eq!(found.len(), 1);
}
