//! The pages, their files and their licence.

use crate::support::{
    backend::Backend,
    spans::{call, now},
};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case("/")]
#[case("/search")]
#[case("/search?service=user")]
#[case("/trace/0000000000000000000000000000abcd")]
#[case("/dependencies")]
#[case("/monitor")]
#[tokio::test]
async fn the_page_is_served_for_every_path_of_the_ui(#[case] path: &str) {
    let answer = Backend::start().await.get(path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.content_type, "text/html; charset=utf-8");
    assert!(answer.text().contains("jaeger-ui-root"));
}

#[tokio::test]
async fn every_file_that_the_page_names_is_served() {
    let backend = Backend::start().await;
    let page = backend.get("/").await.text();
    let names = page
        .split('"')
        .filter_map(|text| text.strip_prefix("./static/"));
    let names: Vec<_> = names.filter(|name| !name.contains("legacy")).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let answer = backend.get(&format!("/static/{name}")).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_ne!(answer.content_type, "application/octet-stream", "{name}");
    }
}

#[tokio::test]
async fn the_licence_of_the_pages_is_shown() {
    let answer = Backend::start().await.get("/licenses").await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.contains("Jaeger UI 2.14.1"));
    assert!(text.contains("Apache License"));
    assert!(text.contains("END OF TERMS AND CONDITIONS"));
}

#[tokio::test]
async fn the_status_says_that_the_server_is_there_and_what_it_holds() {
    let backend = Backend::start().await;
    backend.export(call(1, now(), false)).await;
    let status = backend.get("/status").await;
    let expected = json!({
        "traces": 1, "spans": 5, "evicted_spans": 0,
        "rejected_spans": 0, "bad_ids": 0, "beyond_limit": 0,
        "refused_requests": {
            "unsupported_media_type": 0, "method_not_allowed": 0, "not_found": 0,
            "http_version_not_supported": 0, "unimplemented": 0, "too_large": 0,
            "malformed": 0, "other": 0,
        },
        "log_records": 0, "evicted_log_records": 0,
    });
    assert_eq!(status.json(), expected);
}

#[tokio::test]
async fn an_unknown_file_is_not_the_page() {
    let answer = Backend::start().await.get("/static/nothing.js").await;
    assert_eq!(answer.status, 404);
}
