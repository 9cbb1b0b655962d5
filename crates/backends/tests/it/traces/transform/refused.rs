//! Files, fields and spans that are refused.

use rstest::rstest;
use serde_json::{Value as Json, json};

use super::{file, upload};

#[rstest]
#[case("{", "EOF")]
#[case("[]", "TracesData")]
#[case("{}", "resourceSpans")]
#[case(r#"{"data":[{"traceID":"1"}]}"#, "resourceSpans")]
#[case(r#"{"resourceSpans":{}}"#, "resource_spans")]
#[case(r#"{"resourceSpans":[null]}"#, "ResourceSpans")]
#[case(r#"{"resourceSpans":[]} x"#, "line 1")]
#[tokio::test]
async fn a_text_that_is_not_otlp_json_is_refused_with_the_reason(
    #[case] text: &str,
    #[case] reason: &str,
) {
    let answer = upload(text.to_owned()).await;
    assert_eq!(answer.status, 400, "{text}");
    assert!(answer.text().contains(reason), "{}", answer.text());
}

#[rstest]
#[case(json!({ "traceId": "xyz" }), "hexadecimal")]
#[case(json!({ "traceId": "abc" }), "hexadecimal")]
#[case(json!({ "traceId": 1 }), "hexadecimal")]
#[case(json!({ "kind": "SPAN_KIND_SEVER" }), "enum")]
#[case(json!({ "kind": true }), "enum")]
#[case(json!({ "name": 1 }), "text")]
#[case(json!({ "startTimeUnixNano": -1 }), "64 bits")]
#[case(json!({ "startTimeUnixNano": "" }), "64 bits")]
#[case(json!({ "startTimeUnixNano": 1.5 }), "64 bits")]
#[case(json!({ "startTimeUnixNano": "18446744073709551616" }), "64 bits")]
#[case(json!({ "flags": 4_294_967_296_u64 }), "32 bits")]
#[case(json!({ "attributes": {} }), "a list")]
#[case(json!({ "attributes": [null] }), "KeyValue")]
#[case(json!({ "attributes": [[]] }), "KeyValue")]
#[case(json!({ "attributes": [{ "key": "a", "value": { "boolValue": "true" } }] }), "true or false")]
#[case(json!({ "attributes": [{ "key": "a", "value": { "doubleValue": "inf" } }] }), "Infinity")]
#[case(json!({ "attributes": [{ "key": "a", "value": { "intValue": "0x1" } }] }), "64 bits")]
#[case(json!({ "attributes": [{ "key": "a", "value": { "bytesValue": "!" } }] }), "base64")]
#[case(json!({ "attributes": [{ "key": "a", "value": { "intValue": 1, "stringValue": "" } }] }), "more than one")]
#[tokio::test]
async fn a_field_that_is_not_what_it_should_be_is_named_with_its_place(
    #[case] fields: Json,
    #[case] expected: &str,
) {
    let answer = upload(file(&fields).to_string()).await;
    assert_eq!(answer.status, 400, "{fields}: {}", answer.text());
    let text = answer.json()["errors"][0]["msg"].to_string();
    assert!(
        text.contains(expected) && text.contains("line 1 column"),
        "{fields}: {text}"
    );
}

#[tokio::test]
async fn values_that_are_nested_without_end_are_refused() {
    let open = r#"{"arrayValue":{"values":["#;
    let value = format!("{}{}", open.repeat(100_000), "]}}".repeat(100_000));
    let text = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"a","value":{value}}}]}}}}]}}"#
    );
    assert_eq!(upload(text).await.status, 400);
}

#[tokio::test]
async fn refused_spans_are_said_beside_those_that_are_shown() {
    let mut some = file(&json!({}));
    let good = some["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone();
    let mut short = good.clone();
    short["spanId"] = json!("0102");
    some["resourceSpans"][0]["scopeSpans"][0]["spans"] = json!([good, short]);
    let answer = upload(some.to_string()).await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let trace = &answer["data"][0];
    assert_eq!(trace["spans"].as_array().unwrap().len(), 1);
    for said in [
        &answer["errors"],
        &trace["warnings"],
        &trace["spans"][0]["warnings"],
    ] {
        assert!(said.to_string().contains("1 with a bad id"), "{said}");
    }
    let none = file(&json!({ "spanId": "" }));
    let answer = upload(none.to_string()).await;
    assert_eq!(answer.status, 400, "nothing is left to show");
    assert!(answer.text().contains("1 with a bad id"));
}
