//! Files of OTLP that the UI uploads.

use crate::support::backend::Backend;
use serde_json::json;

#[tokio::test]
async fn a_file_of_otlp_json_is_shown_without_being_kept() {
    let backend = Backend::start().await;
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
    let answer = backend
        .request(
            hyper::Method::POST,
            "/api/transform",
            file.to_string().into(),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let span = &answer.json()["data"][0]["spans"][0];
    assert_eq!(span["operationName"], "from a file");
    assert_eq!(span["duration"], 1_000);
    assert_eq!(backend.store.stats().spans, 0);
    let answer = backend
        .request(hyper::Method::POST, "/api/transform", "{".into())
        .await;
    assert_eq!(answer.status, 400);
}
