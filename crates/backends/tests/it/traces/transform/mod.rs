//! Files of OTLP that the UI uploads.

mod refused;

use crate::support::{answer::Answer, backend::Backend};
use rstest::rstest;
use serde_json::{Value as Json, json};

async fn upload(text: String) -> Answer {
    let backend = Backend::start().await;
    let answer = backend
        .request(hyper::Method::POST, "/api/transform", text.into())
        .await;
    assert_eq!(backend.store.stats().spans, 0, "nothing is kept");
    answer
}

/// A file with one span, which has these fields beside its ids.
fn file(fields: &Json) -> Json {
    let mut span = json!({ "traceId": format!("{:032x}", 1), "spanId": format!("{:016x}", 2) });
    let fields = fields.as_object().expect("an object").clone();
    span.as_object_mut().expect("an object").extend(fields);
    json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span] }] }] })
}

#[tokio::test]
async fn a_file_of_otlp_json_is_shown_without_being_kept() {
    let file = json!({ "resourceSpans": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "user" } }] },
        "scopeSpans": [{ "spans": [{
            "traceId": format!("{:032x}", 1),
            "spanId": format!("{:016x}", 2),
            "name": "from a file",
            "kind": 2,
            "startTimeUnixNano": "1700000000000000000",
            "endTimeUnixNano": "1700000000001000000",
        }] }],
    }] });
    let answer = upload(file.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let trace = &answer.json()["data"][0];
    assert_eq!(trace["processes"]["p1"]["serviceName"], "user");
    let span = &trace["spans"][0];
    assert_eq!(span["operationName"], "from a file");
    assert_eq!(span["duration"], 1_000);
}

#[rstest]
#[case(json!({ "stringValue": "x" }), json!("x"))]
#[case(json!({ "string_value": "x" }), json!("x"))]
#[case(json!({ "stringValue": "" }), json!(""))]
#[case(json!({ "boolValue": true }), json!(true))]
#[case(json!({ "intValue": "-7" }), json!(-7))]
#[case(json!({ "intValue": 7 }), json!(7))]
#[case(json!({ "intValue": 7.0 }), json!(7))]
#[case(json!({ "intValue": "7e2" }), json!(700))]
#[case(json!({ "intValue": "9223372036854775807" }), json!("9223372036854775807"))]
#[case(json!({ "doubleValue": 1.5 }), json!(1.5))]
#[case(json!({ "doubleValue": "1.5" }), json!(1.5))]
#[case(json!({ "doubleValue": 2 }), json!(2.0))]
#[case(json!({ "doubleValue": "NaN" }), json!("NaN"))]
#[case(json!({ "doubleValue": "-Infinity" }), json!("-inf"))]
#[case(json!({ "bytesValue": "AP8=" }), json!("AP8="))]
#[case(json!({ "bytesValue": "AP8" }), json!("AP8="))]
#[case(json!({ "bytesValue": "-_8" }), json!("+/8="))]
#[case(json!({ "arrayValue": {} }), json!("[]"))]
#[case(json!({ "arrayValue": { "values": [] } }), json!("[]"))]
#[case(json!({ "arrayValue": { "values": [{ "intValue": 1 }, {}] } }), json!("[1,null]"))]
#[case(json!({ "kvlistValue": {} }), json!("{}"))]
#[case(json!({ "kvlist_value": { "values": [{ "key": "a", "value": { "doubleValue": "NaN" } }] } }), json!("{\"a\":null}"))]
#[case(json!({}), json!(""))]
#[case(json!(null), json!(""))]
#[case(json!({ "stringValue": null }), json!(""))]
#[case(json!({ "stringValue": null, "intValue": 7 }), json!(7))]
#[case(json!({ "ofALaterVersion": [{}], "boolValue": false }), json!(false))]
#[tokio::test]
async fn every_value_of_proto_json_is_read(#[case] value: Json, #[case] expected: Json) {
    let file = file(&json!({ "attributes": [{ "key": "key", "value": value }] }));
    let answer = upload(file.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tag = &answer.json()["data"][0]["spans"][0]["tags"][0];
    assert_eq!(tag["value"], expected, "{value}");
}

#[rstest]
#[case(json!({ "name": "work", "kind": 3, "status": { "code": 2 } }))]
#[case(json!({ "name": "work", "kind": "3", "status": { "code": 2.0 } }))]
#[case(json!({ "name": "work", "kind": "SPAN_KIND_CLIENT", "status": { "code": "STATUS_CODE_ERROR" } }))]
#[case(json!({
    "name": "work", "kind": 3, "status": { "code": 2, "message": null }, "attributes": null,
    "events": [], "links": null, "dropped_attributes_count": 1, "flags": 257, "x": { "y": [null] },
}))]
#[tokio::test]
async fn names_numbers_and_nulls_are_read_in_all_their_forms(#[case] fields: Json) {
    let answer = upload(file(&fields).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let span = &answer.json()["data"][0]["spans"][0];
    assert_eq!(span["operationName"], "work");
    let tags = span["tags"].to_string();
    assert!(
        tags.contains("client") && tags.contains("ERROR"),
        "{fields}: {tags}"
    );
}

#[tokio::test]
async fn names_of_the_proto_file_are_read_as_well() {
    let text = format!(
        r#"{{"resource_spans":[{{"scope_spans":[{{"spans":[{{"trace_id":"{:032X}","span_id":"{:016x}",
        "parent_span_id":"","start_time_unix_nano":1700000000000000000,
        "end_time_unix_nano":"1700000000001000000"}}]}}]}}]}}"#,
        0xabc, 2
    );
    let answer = upload(text).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let trace = &answer.json()["data"][0];
    assert_eq!(trace["traceID"], format!("{:032x}", 0xabc));
    assert_eq!(trace["spans"][0]["duration"], 1_000);
}

#[tokio::test]
async fn several_messages_after_one_another_are_one_file() {
    let lines =
        [1, 2].map(|id| file(&json!({ "spanId": format!("{id:016x}") })).to_string() + "\n");
    let answer = upload(lines.concat()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["data"][0]["spans"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_trace_above_the_limit_of_the_store_is_shown_whole() {
    let mut large = file(&json!({}));
    let span = large["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone();
    let spans = (1..=10_001).map(|id| {
        let mut span = span.clone();
        span["spanId"] = json!(format!("{id:016x}"));
        span
    });
    large["resourceSpans"][0]["scopeSpans"][0]["spans"] = spans.collect();
    let answer = upload(large.to_string()).await.json();
    assert_eq!(answer["data"][0]["spans"].as_array().unwrap().len(), 10_001);
    assert_eq!(answer["errors"], Json::Null);
}
