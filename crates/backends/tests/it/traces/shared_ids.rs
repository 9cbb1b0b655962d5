//! Zipkin's instrumentations give the two sides of a call one span id.

use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsServiceRequest, logs_service_client::LogsServiceClient},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, Span, span::SpanKind},
};
use serde_json::{Value as Json, json};

use crate::support::{
    backend::Backend,
    spans::{child_of, now, service, span, text},
};

fn named(name: &str, kind: SpanKind, span: Span) -> Span {
    Span {
        name: name.to_owned(),
        kind: kind.into(),
        ..span
    }
}

/// gateway SERVER 1 → gateway CLIENT 2 = user SERVER 2 → user INTERNAL 3, gateway INTERNAL 4.
fn call() -> Vec<ResourceSpans> {
    let gateway = vec![
        named("root", SpanKind::Server, span(1, 1)),
        named("call", SpanKind::Client, child_of(1, span(1, 2))),
        named("dial", SpanKind::Internal, child_of(2, span(1, 4))),
    ];
    let user = vec![
        named("serve", SpanKind::Server, child_of(1, span(1, 2))),
        named("query", SpanKind::Internal, child_of(2, span(1, 3))),
    ];
    vec![service("gateway", gateway), service("user", user)]
}

fn by_name<'a>(trace: &'a Json, name: &str) -> &'a Json {
    let mut spans = trace["spans"].as_array().expect("a list").iter();
    let found = spans.find(|span| span["operationName"] == name);
    found.unwrap_or_else(|| panic!("no span {name} in {trace}"))
}

/// The name of the span that this one refers to as its parent.
fn parent<'a>(trace: &'a Json, name: &str) -> &'a Json {
    let id = &by_name(trace, name)["references"][0]["spanID"];
    let mut spans = trace["spans"].as_array().expect("a list").iter();
    let found = spans.find(|span| span["spanID"] == *id);
    &found.expect("the parent is there")["operationName"]
}

#[tokio::test]
async fn both_sides_are_kept_and_the_server_is_below_the_client() {
    let backend = Backend::start().await;
    // In both orders, and sent again: a repetition replaces its own side.
    for spans in [call(), call().into_iter().rev().collect(), call()] {
        backend.export(spans).await;
    }
    assert_eq!(backend.store.stats().spans, 5);
    let trace = &backend.data("/api/traces/1").await[0];
    for (child, expected) in [
        ("call", "root"),
        ("serve", "call"),
        ("query", "serve"),
        ("dial", "call"),
    ] {
        assert_eq!(parent(trace, child), expected, "{child}");
    }
    assert_eq!(by_name(trace, "call")["spanID"], "0000000000000002");
    let server = by_name(trace, "serve");
    let warning = server["warnings"][0].as_str().expect("a text");
    assert!(
        warning.contains("0000000000000002") && warning.contains("gateway"),
        "{warning}"
    );
    let again = &backend.data("/api/traces/1").await[0];
    assert_eq!(by_name(again, "serve")["spanID"], server["spanID"]);
}

#[tokio::test]
async fn the_raw_trace_has_the_ids_that_were_sent() {
    let backend = Backend::start().await;
    backend.export(call()).await;
    let trace = &backend.data("/api/traces/1?raw=true").await[0];
    assert_eq!(by_name(trace, "serve")["spanID"], "0000000000000002");
    assert_eq!(parent(trace, "serve"), "root");
}

#[tokio::test]
async fn the_graph_and_the_search_know_both_sides() {
    let backend = Backend::start().await;
    backend.export(call()).await;
    assert_eq!(
        backend.data("/api/dependencies").await,
        json!([{ "parent": "gateway", "child": "user", "callCount": 1 }])
    );
    for query in [
        "service=gateway&operation=call",
        "service=user&operation=serve",
    ] {
        assert_eq!(backend.search(query).await.len(), 1, "{query}");
    }
}

#[tokio::test]
async fn spans_of_one_kind_and_different_services_are_both_kept() {
    let backend = Backend::start().await;
    for name in ["gateway", "user"] {
        let spans = vec![named(name, SpanKind::Internal, child_of(9, span(1, 2)))];
        backend.export(vec![service(name, spans)]).await;
    }
    let trace = &backend.data("/api/traces/1").await[0];
    let [first, second] = ["gateway", "user"].map(|name| by_name(trace, name));
    assert_ne!(first["spanID"], second["spanID"]);
    assert_eq!(first["references"], second["references"]);
}

#[tokio::test]
async fn what_the_server_logged_is_shown_with_the_server() {
    let backend = Backend::start().await;
    backend.export(call()).await;
    let record = LogRecord {
        trace_id: 1_u128.to_be_bytes().to_vec(),
        span_id: 2_u64.to_be_bytes().to_vec(),
        time_unix_nano: now(),
        ..LogRecord::default()
    };
    let logs = ResourceLogs {
        resource: Some(Resource {
            attributes: vec![text("service.name", "user")],
            ..Resource::default()
        }),
        scope_logs: vec![ScopeLogs {
            log_records: vec![record],
            ..ScopeLogs::default()
        }],
        ..ResourceLogs::default()
    };
    let mut client = LogsServiceClient::connect(backend.otlp_url.clone())
        .await
        .unwrap();
    let request = ExportLogsServiceRequest {
        resource_logs: vec![logs],
    };
    client.export(request).await.unwrap();
    let trace = &backend.data("/api/traces/1").await[0];
    let lines = backend.data("/api/traces/1/logs").await;
    assert_eq!(lines[0]["spanID"], by_name(trace, "serve")["spanID"]);
}
