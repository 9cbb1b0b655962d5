//! The attributes of RPC spans, at their start where a sampler needs them.

use std::sync::{Arc, Mutex};

use crate::support::{
    Fixture, attribute,
    script::{Head, Script, grpc_status},
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};
use rstest::rstest;
use tonic::{Code, body::Body};
use tonic_telemetry::conventions::SCHEMA_URL;
use tower::{Layer as _, ServiceExt as _};

fn ok() -> Script {
    Script {
        wait: std::time::Duration::ZERO,
        head: Head::Answer(StatusCode::OK, grpc_status(Code::Ok, "")),
        body: Vec::new(),
    }
}

fn request(uri: &str, host: Option<&str>) -> Request<Body> {
    let mut request = Request::builder()
        .uri(uri)
        .header("content-type", "application/grpc");
    if let Some(host) = host {
        request = request.header("host", host);
    }
    request.body(Body::empty()).expect("a valid request")
}

#[rstest]
#[case::authority("http://user.test:50052/test.v1.Echo/Say", None, "user.test", "50052")]
#[case::no_port("http://user.test/test.v1.Echo/Say", None, "user.test", "")]
#[case::ipv6("http://[::1]:50052/test.v1.Echo/Say", None, "::1", "50052")]
#[case::credentials(
    "http://me:secret@user.test:1/test.v1.Echo/Say",
    None,
    "user.test",
    "1"
)]
#[case::host_header("/test.v1.Echo/Say", Some("user.test:80"), "user.test", "80")]
#[case::both(
    "http://user.test:1/test.v1.Echo/Say",
    Some("other:2"),
    "user.test",
    "1"
)]
#[case::neither("/test.v1.Echo/Say", None, "", "")]
#[case::nonsense("/test.v1.Echo/Say", Some("a b:c"), "", "")]
#[tokio::test]
async fn a_server_is_named_as_its_caller_names_it(
    #[case] uri: &str,
    #[case] host: Option<&str>,
    #[case] address: &str,
    #[case] port: &str,
) {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(ok().service());

    server.oneshot(request(uri, host)).await.unwrap();

    let span = fixture.only_span();
    assert_eq!(attribute(&span, "server.address"), address);
    assert_eq!(attribute(&span, "server.port"), port);
}

#[tokio::test]
async fn a_client_names_the_peer_that_it_is_configured_for() {
    let fixture = Fixture::new();
    let client = fixture.client_layer().layer(ok().service());

    let request = request("http://10.0.0.7:1/test.v1.Echo/Say", None);
    client.oneshot(request).await.unwrap();

    let span = fixture.only_span();
    assert_eq!(attribute(&span, "server.address"), "echo.test");
    assert_eq!(attribute(&span, "server.port"), "50052");
}

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

/// The name of a span, and the attributes that it starts with.
type Start = (String, Vec<KeyValue>);

/// A sampler that keeps what it is asked.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<Vec<Start>>>);

impl ShouldSample for Asked {
    fn should_sample(
        &self,
        _parent: Option<&Context>,
        _trace_id: TraceId,
        name: &str,
        _kind: &SpanKind,
        attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let mut asked = self.0.lock().expect("no test panics while it asks");
        asked.push((name.to_owned(), attributes.to_vec()));
        SamplingResult {
            decision: SamplingDecision::Drop,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

#[tokio::test]
async fn a_sampler_knows_method_and_server() {
    let asked = Asked::default();
    let fixture = Fixture::sampling(asked.clone());
    let request = || request("http://echo.test:50052/test.v1.Echo/Say", None);

    let server = fixture.server_layer().layer(ok().service());
    server.oneshot(request()).await.unwrap();
    let client = fixture.client_layer().layer(ok().service());
    client.oneshot(request()).await.unwrap();

    let expected = (
        "test.v1.Echo/Say".to_owned(),
        vec![
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", "test.v1.Echo/Say"),
            KeyValue::new("server.address", "echo.test"),
            KeyValue::new("server.port", 50052),
        ],
    );
    assert_eq!(*asked.0.lock().unwrap(), [expected.clone(), expected]);
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
async fn a_caller_is_known_by_the_address_of_its_socket() {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(ok().service());
    let mut request = request("/test.v1.Echo/Say", None);
    let caller = "[::ffff:10.1.2.80]:65123".parse().ok();
    request
        .extensions_mut()
        .insert(tonic::transport::server::TcpConnectInfo {
            local_addr: None,
            remote_addr: caller,
        });

    server.oneshot(request).await.unwrap();

    let span = fixture.only_span();
    assert_eq!(attribute(&span, "network.peer.address"), "10.1.2.80");
    assert_eq!(attribute(&span, "network.peer.port"), "65123");
}

#[rstest]
#[case("ada:secret@users.example:1", Some("users.example"))]
#[case("[::1]:1", Some("::1"))]
#[case("users_1.example.", Some("users_1.example."))]
#[case("a$b.example", None)]
#[case("a..example", None)]
#[tokio::test]
async fn a_server_is_named_by_a_host_and_by_nothing_else(
    #[case] authority: &str,
    #[case] expected: Option<&str>,
) {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(ok().service());
    let mut request = request("/test.v1.Echo/Say", None);
    *request.uri_mut() = format!("http://{authority}/test.v1.Echo/Say")
        .parse()
        .unwrap();

    server.oneshot(request).await.unwrap();

    let span = fixture.only_span();
    let attributes = span.attributes.iter();
    let mut named = attributes.filter(|it| it.key.as_str() == "server.address");
    let named = named.next().map(|it| it.value.to_string());
    assert_eq!(named.as_deref(), expected);
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
