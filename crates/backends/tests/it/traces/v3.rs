//! The public query API: OTLP JSON.

use std::time::{Duration, UNIX_EPOCH};

use hyper::{Method, body::Bytes};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, KeyValueList, any_value::Value},
    trace::v1::Span,
};
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::support::{
    backend::{Backend, escape},
    spans::{attribute, call, event, failed, link, now, service, span, text},
};

/// A span with something of everything that the store keeps.
fn rich() -> Span {
    let any = |value| AnyValue { value };
    let list = vec![any(Some(Value::DoubleValue(2.0))), any(None)];
    let map = vec![attribute("n", Value::IntValue(-7))];
    let values = [
        ("text", Value::StringValue("ä".to_owned())),
        ("bool", Value::BoolValue(false)),
        ("int", Value::IntValue(i64::MIN)),
        ("double", Value::DoubleValue(1e-9)),
        ("nan", Value::DoubleValue(f64::NAN)),
        ("endless", Value::DoubleValue(f64::NEG_INFINITY)),
        ("bytes", Value::BytesValue(vec![0, 255])),
        ("list", Value::ArrayValue(ArrayValue { values: list })),
        ("map", Value::KvlistValue(KeyValueList { values: map })),
    ];
    let values = values.map(|(name, value)| attribute(name, value));
    let mut thrown = event("exception", 5);
    thrown.attributes = vec![text("exception.type", "Timeout")];
    Span {
        attributes: values.to_vec(),
        events: vec![thrown],
        links: vec![link(9, 9)],
        trace_state: "a=b".to_owned(),
        ..failed("too late", span(1, 1))
    }
}

#[tokio::test]
async fn a_trace_is_otlp_json() {
    let backend = Backend::start().await;
    let mut sent = service("user", vec![rich()]);
    let resource = sent.resource.as_mut().expect("it has a service");
    resource.attributes.push(text("host.name", "h"));
    backend.export(vec![sent]).await;

    let answer = backend.get("/api/v3/traces/1").await;
    assert_eq!(answer.content_type, "application/json");
    let answer = answer.json();
    let of_resource = &answer["result"]["resourceSpans"][0];
    let value = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
    assert_eq!(
        of_resource["resource"]["attributes"],
        json!([value("service.name", "user"), value("host.name", "h")])
    );
    let span = &of_resource["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"], "00000000000000000000000000000001");
    assert_eq!(span["spanId"], "0000000000000001");
    assert_eq!(span["status"], json!({ "code": 2, "message": "too late" }));
    let attributes = span["attributes"].as_array().expect("they are a list");
    let attributes: Vec<_> = attributes.iter().map(|it| it["value"].clone()).collect();
    let list = json!({ "values": [{ "doubleValue": 2.0 }, {}] });
    let map = json!({ "values": [{ "key": "n", "value": { "intValue": "-7" } }] });
    let expected = [
        json!({ "stringValue": "ä" }),
        json!({ "boolValue": false }),
        json!({ "intValue": i64::MIN.to_string() }),
        json!({ "doubleValue": 1e-9 }),
        json!({ "doubleValue": "NaN" }),
        json!({ "doubleValue": "-Infinity" }),
        json!({ "bytesValue": "AP8=" }),
        json!({ "arrayValue": list }),
        json!({ "kvlistValue": map }),
    ];
    assert_eq!(attributes, expected);
}

/// What is downloaded as OTLP JSON and dropped on the search page is the same trace.
#[tokio::test]
async fn what_is_downloaded_can_be_uploaded() {
    let backend = Backend::start().await;
    backend.export(vec![service("user", vec![rich()])]).await;
    backend.export(call(2, now(), true)).await;
    for id in [1, 2] {
        let mut answer = backend.get(&format!("/api/v3/traces/{id}")).await.json();
        let file = Bytes::from(answer["result"].take().to_string());
        let shown = backend.request(Method::POST, "/api/transform", file).await;
        let stored = backend.data(&format!("/api/traces/{id}")).await;
        assert_eq!(shown.json()["data"], stored);
    }
}

#[tokio::test]
async fn a_search_finds_the_traces_of_its_window_in_both_spellings() {
    let backend = Backend::start().await;
    let start = now();
    for number in 1..=3_u64 {
        let begin = start + number * 1_000_000_000;
        backend.export(call(number.into(), begin, false)).await;
    }
    let text = |nanos: u64| {
        let time = UNIX_EPOCH + Duration::from_nanos(nanos);
        humantime::format_rfc3339_nanos(time).to_string()
    };
    let (second, last) = (text(start + 2_000_000_000), text(start + 9_000_000_000));
    let found = async |query: &str| {
        let answer = backend.get(&format!("/api/v3/traces?{query}")).await.json();
        let mut ids: Vec<_> = Vec::new();
        for of_resource in answer["result"]["resourceSpans"].as_array().expect("some") {
            let span = &of_resource["scopeSpans"][0]["spans"][0];
            ids.push(span["traceId"].as_str().expect("an id")[31..].to_owned());
        }
        ids.dedup();
        ids
    };
    let camel = format!("query.startTimeMin={second}&query.startTimeMax={last}");
    let snake = format!("query.start_time_min={second}&query.start_time_max={last}");
    for window in [camel, snake] {
        assert_eq!(found(&window).await, ["3", "2"]);
        let only = format!("{window}&query.serviceName=profile&query.searchDepth=1");
        assert_eq!(found(&only).await, ["3"]);
        let tags = escape(r#"{"rpc.system.name":"grpc"}"#);
        let tagged = format!("{window}&query.attributes={tags}");
        assert_eq!(found(&tagged).await, ["3", "2"]);
        let failed = escape(r#"{"error":"true"}"#);
        let none = format!("/api/v3/traces?{window}&query.attributes={failed}");
        assert_eq!(backend.get(&none).await.status, 404);
    }
}

#[rstest]
#[case("traces/abc", 404, "no trace found")]
#[case("traces/xyz", 400, "hexadecimal")]
#[case("traces?query.serviceName=user", 400, "query.startTimeMin")]
#[case("traces/1?startTime=soon", 400, "2026-01-01T00:00:00")]
#[tokio::test]
async fn errors_have_the_shape_of_grpc_gateway(
    #[case] path: &str,
    #[case] code: u16,
    #[case] message: &str,
) {
    let answer = Backend::start().await.get(&format!("/api/v3/{path}")).await;
    assert_eq!(answer.status, code);
    let error = &answer.json()["error"];
    assert_eq!(error["httpCode"], code);
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains(message)),
        "{error}"
    );
    assert_ne!(*error, Json::Null);
}
