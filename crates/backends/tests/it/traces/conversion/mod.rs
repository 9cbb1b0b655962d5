//! What the UI gets of a span.

mod resources;

use crate::support::{
    backend::Backend,
    spans::{attribute, child_of, event, failed, link, service, span, text},
};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, KeyValueList, any_value::Value},
    trace::v1::{
        ResourceSpans, Span, Status,
        span::{Event, SpanKind},
        status::StatusCode,
    },
};
use rstest::rstest;
use serde_json::{Value as Json, json};

/// The spans of trace 1 after an export.
async fn shown(spans: Vec<ResourceSpans>) -> Json {
    let backend = Backend::start().await;
    backend.export(spans).await;
    backend.data("/api/traces/1").await[0].take()
}

async fn shown_span(span: Span) -> Json {
    shown(vec![service("user", vec![span])]).await["spans"][0].take()
}

/// The tag of that key, without the key.
fn tag(tags: &Json, key: &str) -> Option<(String, Json)> {
    let tags = tags.as_array().expect("tags are a list");
    let tag = tags.iter().find(|tag| tag["key"] == key)?;
    Some((tag["type"].as_str()?.to_owned(), tag["value"].clone()))
}

#[tokio::test]
async fn times_are_in_microseconds_and_ids_in_hex() {
    let span = shown_span(Span {
        start_time_unix_nano: 1_700_000_000_000_123_456,
        end_time_unix_nano: 1_700_000_000_002_123_456,
        ..span(1, 0xab)
    })
    .await;
    assert_eq!(span["traceID"], "00000000000000000000000000000001");
    assert_eq!(span["spanID"], "00000000000000ab");
    assert_eq!(span["operationName"], "work");
    assert_eq!(span["startTime"], 1_700_000_000_000_123_u64);
    assert_eq!(span["duration"], 2_000);
    assert_eq!(span["warnings"], json!([]));
}

#[tokio::test]
async fn a_failed_span_is_marked_and_says_why() {
    let span = shown_span(failed("no such user", span(1, 1))).await;
    let tags = &span["tags"];
    assert_eq!(tag(tags, "error"), Some(("bool".to_owned(), json!(true))));
    assert_eq!(tag(tags, "otel.status_code").unwrap().1, "ERROR");
    assert_eq!(
        tag(tags, "otel.status_description").unwrap().1,
        "no such user"
    );
}

#[rstest]
#[case(None, None)]
#[case(Some(StatusCode::Unset), None)]
#[case(Some(StatusCode::Ok), Some("OK"))]
#[tokio::test]
async fn a_span_that_did_not_fail_is_not_marked(
    #[case] code: Option<StatusCode>,
    #[case] expected: Option<&str>,
) {
    let status = code.map(|code| Status {
        code: code.into(),
        ..Status::default()
    });
    let span = shown_span(Span {
        status,
        ..span(1, 1)
    })
    .await;
    assert_eq!(tag(&span["tags"], "error"), None);
    let shown = tag(&span["tags"], "otel.status_code").map(|(_, value)| value);
    assert_eq!(shown, expected.map(Json::from));
}

#[rstest]
#[case(SpanKind::Internal, "internal")]
#[case(SpanKind::Server, "server")]
#[case(SpanKind::Client, "client")]
#[case(SpanKind::Producer, "producer")]
#[case(SpanKind::Consumer, "consumer")]
#[tokio::test]
async fn the_kind_is_a_tag(#[case] kind: SpanKind, #[case] name: &str) {
    let span = shown_span(Span {
        kind: kind.into(),
        ..span(1, 1)
    })
    .await;
    assert_eq!(tag(&span["tags"], "span.kind").unwrap().1, name);
}

#[tokio::test]
async fn an_unspecified_or_unknown_kind_is_no_tag() {
    for kind in [0, 99, -1] {
        let span = shown_span(Span { kind, ..span(1, 1) }).await;
        assert_eq!(tag(&span["tags"], "span.kind"), None);
    }
}

#[rstest]
#[case(Value::StringValue("x".to_owned()), "string", json!("x"))]
#[case(Value::BoolValue(false), "bool", json!(false))]
#[case(Value::IntValue(-7), "int64", json!(-7))]
#[case(Value::IntValue((1 << 53) - 1), "int64", json!(9_007_199_254_740_991_u64))]
#[case(Value::IntValue(i64::MAX), "int64", json!("9223372036854775807"))]
#[case(Value::IntValue(i64::MIN), "int64", json!("-9223372036854775808"))]
#[case(Value::DoubleValue(1.5), "float64", json!(1.5))]
#[case(Value::DoubleValue(f64::NAN), "float64", json!("NaN"))]
#[case(Value::DoubleValue(f64::INFINITY), "float64", json!("inf"))]
#[case(Value::BytesValue(vec![0, 255]), "binary", json!("AP8="))]
#[tokio::test]
async fn attribute_values_keep_their_type(
    #[case] value: Value,
    #[case] kind: &str,
    #[case] expected: Json,
) {
    let attributes = vec![attribute("key", value)];
    let span = shown_span(Span {
        attributes,
        ..span(1, 1)
    })
    .await;
    assert_eq!(tag(&span["tags"], "key"), Some((kind.to_owned(), expected)));
}

#[tokio::test]
async fn lists_and_maps_are_shown_as_json() {
    let value = |value| AnyValue { value: Some(value) };
    let list = Value::ArrayValue(ArrayValue {
        values: vec![value(Value::IntValue(1)), AnyValue::default()],
    });
    let map = Value::KvlistValue(KeyValueList {
        values: vec![attribute("a", list.clone())],
    });
    let attributes = vec![attribute("list", list), attribute("map", map)];
    let span = shown_span(Span {
        attributes,
        ..span(1, 1)
    })
    .await;
    assert_eq!(tag(&span["tags"], "list").unwrap().1, "[1,null]");
    assert_eq!(tag(&span["tags"], "map").unwrap().1, r#"{"a":[1,null]}"#);
}

#[tokio::test]
async fn events_are_logs_with_their_name_and_attributes() {
    let spans = Span {
        events: vec![Event {
            attributes: vec![text("key", "ada")],
            ..event("cache miss", 5_000_000)
        }],
        ..span(1, 1)
    };
    let expected = json!([{
        "timestamp": 5_000,
        "fields": [
            { "key": "event", "type": "string", "value": "cache miss" },
            { "key": "key", "type": "string", "value": "ada" },
        ],
    }]);
    assert_eq!(shown_span(spans).await["logs"], expected);
}

#[tokio::test]
async fn parent_and_links_are_references() {
    let spans = Span {
        links: vec![link(7, 8), link(0, 1)],
        ..child_of(5, span(1, 1))
    };
    let expected = json!([
        { "refType": "CHILD_OF", "traceID": format!("{:032x}", 1), "spanID": format!("{:016x}", 5) },
        { "refType": "FOLLOWS_FROM", "traceID": format!("{:032x}", 7), "spanID": format!("{:016x}", 8) },
    ]);
    assert_eq!(shown_span(spans).await["references"], expected);
}

#[tokio::test]
async fn scope_and_trace_state_are_tags() {
    let spans = Span {
        trace_state: "vendor=1".to_owned(),
        ..span(1, 1)
    };
    let span = shown_span(spans).await;
    assert_eq!(tag(&span["tags"], "otel.scope.name").unwrap().1, "by hand");
    assert_eq!(tag(&span["tags"], "otel.scope.version").unwrap().1, "1.2");
    assert_eq!(tag(&span["tags"], "w3c.tracestate").unwrap().1, "vendor=1");
}
