//! The lists, the graph and the errors of the query API.

use crate::support::{
    backend::Backend,
    spans::{call, now, service, span},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use rstest::rstest;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn every_service_is_listed_and_not_only_the_first_of_a_trace() {
    let backend = Backend::start().await;
    backend.export(call(1, now(), false)).await;
    let answer = backend.get("/api/services").await.json();
    let expected = json!({
        "data": ["gateway", "profile", "user"],
        "total": 3,
        "limit": 0,
        "offset": 0,
        "errors": null,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn operations_are_listed_by_name_and_by_kind() {
    let backend = Backend::start().await;
    backend.export(call(1, now(), false)).await;
    let internal = Span {
        name: "user.v1/GetUser".to_owned(),
        ..span(2, 1)
    };
    backend.export(vec![service("user", vec![internal])]).await;

    let names = backend.data("/api/services/user/operations").await;
    assert_eq!(names, json!(["profile.v1/GetProfile", "user.v1/GetUser"]));
    let servers = backend
        .data("/api/operations?service=user&spanKind=server")
        .await;
    assert_eq!(
        servers,
        json!([{ "name": "user.v1/GetUser", "spanKind": "server" }])
    );
    let all = backend.data("/api/operations?service=user").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_graph_counts_the_calls_between_services() {
    let backend = Backend::start().await;
    for number in 1..=4 {
        backend.export(call(number, now(), false)).await;
    }
    let end = now() / 1_000_000;
    let graph = backend
        .data(&format!("/api/dependencies?endTs={end}&lookback=60000"))
        .await;
    let expected = json!([
        { "parent": "gateway", "child": "user", "callCount": 4 },
        { "parent": "user", "child": "profile", "callCount": 4 },
    ]);
    assert_eq!(graph, expected);
    let of_profile = backend.data("/api/dependencies?service=profile").await;
    assert_eq!(of_profile, json!([expected[1]]));
    let graph = backend
        .data(&format!(
            "/api/dependencies?endTs={}&lookback=60000",
            end - 120_000
        ))
        .await;
    assert_eq!(graph, json!([]), "they are not that old");
}

#[rstest]
#[case("/api/traces/abc", 404, "trace not found")]
#[case("/api/traces/xyz", 400, "hexadecimal")]
#[case("/api/nothing", 404, "no such API")]
#[case("/api/metrics/nothing", 404, "no such metric")]
#[tokio::test]
async fn errors_have_the_shape_that_the_ui_reads(
    #[case] path: &str,
    #[case] code: u16,
    #[case] message: &str,
) {
    let answer = Backend::start().await.get(path).await;
    assert_eq!(answer.status, code);
    let body = answer.json();
    assert_eq!(body["data"], Json::Null);
    assert_eq!(body["errors"][0]["code"], code);
    assert!(
        body["errors"][0]["msg"].as_str().unwrap().contains(message),
        "{body}"
    );
}
