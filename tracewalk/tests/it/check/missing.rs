//! What a trace or a page lacks, each in turn.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    parts::{not_found, ok},
    site::Site,
    stack::Stack,
};

/// A trace of the three services, in Jaeger's words, with one span changed.
fn trace(id: &str, change: impl Fn(&mut Vec<Value>)) -> Value {
    let span = |service: &str, parent: &str| {
        let parent = json!({ "refType": "CHILD_OF", "traceID": id, "spanID": parent });
        let references: Vec<_> = (service != "gateway")
            .then_some(parent)
            .into_iter()
            .collect();
        json!({ "traceID": id, "spanID": service, "processID": service, "references": references })
    };
    let mut spans = vec![
        span("gateway", ""),
        span("user", "gateway"),
        span("profile", "user"),
    ];
    change(&mut spans);
    let name = |service: &str| json!({ "serviceName": service });
    json!({ "data": [{ "spans": spans, "processes": {
        "gateway": name("gateway"), "user": name("user"), "profile": name("profile"),
    } }] })
}

#[tokio::test]
async fn what_is_missing_in_the_trace_is_named() {
    type Change = fn(&mut Vec<Value>);
    let stack = Stack::start("0").await;
    let cases: [(&str, Change); 4] = [
        // No span of the last service arrives.
        ("profile", |spans| drop(spans.pop())),
        // Its parent was lost on the way.
        ("profile", |spans| {
            spans[2]["references"][0]["spanID"] = json!("lost");
        }),
        // A service begins a trace of its own.
        ("user", |spans| spans[1]["references"] = json!([])),
        // It hangs below the wrong one.
        ("profile", |spans| {
            spans[2]["references"][0]["spanID"] = json!("gateway");
        }),
    ];
    join_all(cases.map(async |(part, change)| {
        let jaeger = Site::start(move |path| match path.strip_prefix("/api/traces/") {
            Some(id) => ok(&trace(id, change)),
            None => not_found(),
        });
        let jaeger = jaeger.await;
        let words = ["--native", "--patience", "5s", "--ui", &jaeger.address];
        let checked = stack.check(&words).await;
        checked.expect_broken("trace", part);
    }))
    .await;
}

/// The admin pages of a user service, of which each reading shows so many more.
async fn user(refused: u32, calls: u32, exemplar: String) -> Site {
    let readings = AtomicU32::new(0);
    Site::start(move |path| {
        if path == "/readyz" {
            return (200, "ready\n".to_owned());
        }
        let reading = readings.fetch_add(1, Ordering::Relaxed);
        let (refused, calls) = (refused * reading, calls * reading);
        let page = format!(
            "otel_sdk_span_started_total {refused}\n\
             otel_sdk_exporter_span_exported_total{{error_type=\"UNAVAILABLE\"}} {refused}\n\
             otel_sdk_processor_span_queue_capacity 10\n\
             grpc_rpc_duration_seconds_bucket{{le=\"+Inf\"}} 1{exemplar}\n\
             grpc_rpc_duration_seconds_count{{service=\"tracewalk.user.v1.UserService\",\
             method=\"GetUser\",code=\"OK\"}} {calls}\n"
        );
        (200, page)
    })
    .await
}

#[tokio::test]
async fn what_is_missing_on_the_page_of_a_service_is_named() {
    let stack = Stack::start("0").await;
    let unknown = |at: SystemTime| {
        let at = at.duration_since(UNIX_EPOCH).unwrap().as_secs();
        format!(" # {{trace_id=\"0123456789abcdef0123456789abcdef\"}} 0.1 {at}.0")
    };
    let (now, earlier) = (
        SystemTime::now(),
        UNIX_EPOCH + Duration::from_secs(1_700_000_000),
    );
    let cases = [
        (1, 1, String::new(), "spans", "user"),
        (0, 0, String::new(), "histograms", "user"),
        (0, 1, String::new(), "exemplars", "user"),
        (0, 1, unknown(earlier), "exemplars", "user"),
        (0, 1, unknown(now), "exemplars", "jaeger"),
    ];
    join_all(cases.map(async |(refused, calls, exemplar, step, part)| {
        let user = user(refused, calls, exemplar).await;
        let address = &user.address;
        let words = ["--native", "--patience", "5s", "--user-admin", address];
        let checked = stack.check(&words).await;
        assert_eq!(checked.named(), (step, part), "{:#}", checked.report);
        assert_eq!(checked.code, Some(1));
    }))
    .await;
}
