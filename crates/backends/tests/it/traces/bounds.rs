//! What the store keeps, and what it evicts.

use crate::support::{
    backend::Backend,
    spans::{call, now, service, span, text},
};
use backends::{Limits, Stats};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;

/// A backend that keeps at most so many spans.
async fn holding(max_spans: usize) -> Backend {
    let limits = Limits {
        max_spans,
        ..Limits::default()
    };
    Backend::with_limits(limits).await
}

#[tokio::test]
async fn the_oldest_traces_make_room_as_a_whole() {
    let backend = holding(12).await;
    for number in 1..=3 {
        backend.export(call(number, now(), false)).await;
    }
    let expected = Stats {
        traces: 2,
        spans: 10,
        evicted_spans: 5,
        rejected_spans: 0,
        ..Stats::default()
    };
    assert_eq!(backend.store.stats(), expected);
    assert_eq!(backend.get("/api/traces/1").await.status, 404);
    let spans = &backend.data("/api/traces/2").await[0]["spans"];
    assert_eq!(spans.as_array().unwrap().len(), 5);
}

/// A trace of one span, kept longer than others if `is_debug`.
async fn export(backend: &Backend, trace: u128, is_debug: bool) {
    let mut span = span(trace, 1);
    let key = "rpc.request.metadata.jaeger-debug-id";
    let attribute = is_debug.then(|| text(key, "me"));
    span.attributes.extend(attribute);
    backend.export(vec![service("user", vec![span])]).await;
}

#[tokio::test]
async fn traces_with_a_debug_id_stay_longer_up_to_half_of_the_store() {
    let backend = holding(8).await;
    for trace in 1..=6 {
        export(&backend, trace, true).await;
    }
    for trace in 7..=40 {
        export(&backend, trace, false).await;
    }
    let kept = [3, 4, 5, 6, 37, 38, 39, 40];
    for trace in 1..=40 {
        let answer = backend.get(&format!("/api/traces/{trace:x}")).await;
        let is_kept = kept.contains(&trace);
        assert_eq!(answer.status, if is_kept { 200 } else { 404 }, "{trace}");
    }
    let stats = backend.store.stats();
    assert_eq!((stats.spans, stats.evicted_spans), (8, 32));
}

#[tokio::test]
async fn a_trace_that_was_opened_stays_longer() {
    let backend = holding(8).await;
    let opened = [
        "/api/traces/1",
        "/api/traces?traceID=2",
        "/api/v3/traces/00000000000000000000000000000003",
    ];
    for (trace, path) in (1..).zip(opened) {
        export(&backend, trace, false).await;
        assert_eq!(backend.get(path).await.status, 200, "{path}");
    }
    for trace in 4..=40 {
        export(&backend, trace, false).await;
    }
    for path in opened {
        assert_eq!(backend.get(path).await.status, 200, "{path}");
    }
    assert_eq!(backend.get("/api/traces/4").await.status, 404);
}

#[tokio::test]
async fn an_evicted_trace_and_an_unknown_one_are_told_apart() {
    let backend = holding(1).await;
    export(&backend, 1, false).await;
    export(&backend, 2, false).await;
    for (trace, reason) in [
        (1, "trace evicted: it made room for later ones"),
        (3, "trace not found"),
    ] {
        let one = backend.get(&format!("/api/traces/{trace}")).await;
        assert_eq!(one.json()["errors"][0]["msg"], reason);
        let listed = backend.get(&format!("/api/traces?traceID={trace}")).await;
        assert_eq!(listed.json()["errors"][0]["msg"], reason);
    }
}

#[tokio::test]
async fn a_trace_leaves_by_its_first_span_not_by_its_last() {
    let backend = holding(3).await;
    for (trace, id) in [(1, 1), (2, 1), (1, 2), (3, 1)] {
        backend
            .export(vec![service("user", vec![span(trace, id)])])
            .await;
    }
    assert_eq!(backend.get("/api/traces/1").await.status, 404);
    assert_eq!(backend.store.stats().spans, 2);
}

#[tokio::test]
async fn services_and_operations_go_with_their_last_span() {
    let backend = holding(1).await;
    backend.export(vec![service("old", vec![span(1, 1)])]).await;
    backend.export(vec![service("new", vec![span(2, 1)])]).await;
    assert_eq!(backend.data("/api/services").await, json!(["new"]));
    let operations = backend.data("/api/services/old/operations").await;
    assert_eq!(operations, json!([]));
}

#[tokio::test]
async fn huge_spans_make_room_by_their_bytes() {
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    let backend = Backend::with_limits(limits).await;
    let attributes = vec![text("large", &"x".repeat(300 << 10))];
    for number in 1..=10 {
        let large = Span {
            attributes: attributes.clone(),
            ..span(number, 1)
        };
        backend.export(vec![service("user", vec![large])]).await;
    }
    assert_eq!(backend.store.stats().spans, 3);
    assert_eq!(backend.store.stats().evicted_spans, 7);
}

#[tokio::test]
async fn a_span_that_is_sent_again_replaces_the_first_one() {
    let backend = Backend::start().await;
    let renamed = Span {
        name: "renamed".to_owned(),
        ..span(1, 1)
    };
    for span in [span(1, 1), span(1, 1), renamed] {
        backend.export(vec![service("user", vec![span])]).await;
    }
    assert_eq!(backend.store.stats().spans, 1);
    let data = backend.data("/api/services/user/operations").await;
    assert_eq!(data, json!(["renamed"]));
    let spans = &backend.data("/api/traces/1").await[0]["spans"];
    assert_eq!(spans.as_array().unwrap().len(), 1);
}

/// A small error in the sums or in the catalog would empty the store in the long run.
#[tokio::test]
async fn after_a_flood_the_latest_traces_are_there() {
    let backend = holding(10_000).await;
    for batch in 0..60_u128 {
        let spans = (1..=100).flat_map(|number| call(batch * 100 + number, now(), false));
        backend.export(spans.collect()).await;
    }
    let expected = Stats {
        traces: 2_000,
        spans: 10_000,
        evicted_spans: 20_000,
        rejected_spans: 0,
        ..Stats::default()
    };
    assert_eq!(backend.store.stats(), expected);
    let found = backend.search("service=profile&limit=1500").await;
    assert_eq!(found.len(), 1_500);
    for (trace, status) in [(6_000, 200), (4_000, 404)] {
        let answer = backend.get(&format!("/api/traces/{trace:x}")).await;
        assert_eq!(answer.status, status, "{trace}");
    }
}

#[tokio::test]
async fn a_trace_above_its_limit_says_what_is_missing() {
    let limits = Limits {
        max_spans_per_trace: 3,
        ..Limits::default()
    };
    let backend = Backend::with_limits(limits).await;
    let spans = (1..=5).map(|id| span(1, id)).collect();
    let rejected = backend.try_export(vec![service("user", spans)]).await;
    assert_eq!(rejected.unwrap().unwrap().rejected_spans, 2);
    let trace = &backend.data("/api/traces/1").await[0];
    let warning = "this trace is incomplete: 2 spans were refused, since a trace holds at most 3";
    assert_eq!(trace["warnings"], json!([warning]));
    assert_eq!(trace["spans"][0]["warnings"], json!([warning]));
}
