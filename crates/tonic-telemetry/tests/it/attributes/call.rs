//! What a span has of the call itself, and what it leaves out.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use opentelemetry_sdk::trace::Sampler;
use rstest::rstest;
use tonic_telemetry::conventions::SCHEMA_URL;
use tower::{Layer as _, ServiceExt as _};

use super::{ok, request};
use crate::support::{
    Fixture, attribute,
    script::{Head, Script},
};

#[rstest]
#[case::one(&["me"], r#"["me"]"#)]
#[case::two(&["me", "you"], r#"["me","you"]"#)]
#[case::too_long(&[&*"x".repeat(257)], "")]
#[case::too_many(&["1", "2", "3", "4", "5"], r#"["1","2","3","4"]"#)]
#[case::no_text(&["\u{e9}"], "")]
#[case::unwanted(&["1", "unwanted"], r#"["1"]"#)]
#[case::none(&[], "")]
#[tokio::test]
async fn request_metadata_is_captured_where_it_is_asked_for(
    #[case] values: &[&str],
    #[case] captured: &str,
) {
    let fixture = Fixture::new();
    let layer = fixture.server_layer();
    let key = HeaderName::from_static("jaeger-debug-id");
    let keep = |value: &str| value != "unwanted";
    let layer = layer.capture_metadata_where(key.clone(), keep);
    let server = layer.layer(ok().service());

    let mut request = request("http://user.test/test.v1.Echo/Say", None);
    for value in values {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append(&key, value);
    }
    request
        .headers_mut()
        .insert("other", HeaderValue::from_static("x"));
    server.oneshot(request).await.unwrap();

    let span = fixture.only_span();
    let name = "rpc.request.metadata.jaeger-debug-id";
    assert_eq!(attribute(&span, name), captured);
    assert_eq!(attribute(&span, "rpc.request.metadata.other"), "");
}

#[rstest]
#[case::other_service("/test.v1.Other/Say", Some("test.v1.Other/Say"))]
#[case::other_method("/test.v1.Echo/Shout", Some("test.v1.Echo/Shout"))]
#[case::service_only("/test.v1.Echo", Some("[hidden]"))]
#[case::deeper("/test.v1.Echo/Say/More", Some("[hidden]"))]
#[case::other_case("/test.v1.echo/say", Some("[hidden]"))]
#[case::address("/x/a@b.example", Some("[hidden]"))]
#[case::web_token("/x/eyJhbGciOiJFZERTQSJ9.e30.c2ln", Some("[hidden]"))]
#[case::endless(
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    Some("[hidden]")
)]
#[case::root("/", None)]
#[tokio::test]
async fn a_path_that_is_not_registered_is_other(
    #[case] path: &str,
    #[case] expected: Option<&str>,
) {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(ok().service());

    server.oneshot(request(path, None)).await.unwrap();

    let span = fixture.only_span();
    assert_eq!(span.name, "grpc");
    assert_eq!(attribute(&span, "rpc.method"), "_OTHER");
    let original = span
        .attributes
        .iter()
        .find(|it| it.key.as_str() == "rpc.method_original")
        .map(|it| it.value.to_string());
    assert_eq!(original.as_deref(), expected);
}

#[tokio::test]
async fn a_long_message_is_cut() {
    let fixture = Fixture::new();
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", "13".parse().unwrap());
    headers.insert("grpc-message", "%C3%A9".repeat(2000).parse().unwrap());
    let script = Script {
        head: Head::Answer(StatusCode::OK, headers),
        ..ok()
    };

    let server = fixture.server_layer().layer(script.service());
    server
        .oneshot(request("/test.v1.Echo/Say", None))
        .await
        .unwrap();

    let expected = opentelemetry::trace::Status::error("é".repeat(512));
    assert_eq!(fixture.only_span().status, expected);
}

#[tokio::test]
async fn spans_name_their_schema_and_nothing_that_a_caller_did_not_name() {
    let fixture = Fixture::sampling(Sampler::AlwaysOn);
    let server = fixture.server_layer().layer(ok().service());
    let mut request = request("/test.v1.Echo/Say", None);
    for name in ["authorization", "cookie", "user-agent", "x-forwarded-for"] {
        request
            .headers_mut()
            .insert(name, "secret".parse().unwrap());
    }

    server.oneshot(request).await.unwrap();

    let span = fixture.only_span();
    assert_eq!(span.instrumentation_scope.schema_url(), Some(SCHEMA_URL));
    let keys = span
        .attributes
        .iter()
        .map(|attribute| attribute.key.as_str());
    let expected = ["rpc.system.name", "rpc.method", "rpc.response.status_code"];
    assert_eq!(keys.collect::<Vec<_>>(), expected);
}
