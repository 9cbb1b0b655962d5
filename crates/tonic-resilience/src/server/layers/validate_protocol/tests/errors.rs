//! What errors say, and whose fault they are.

use http::{HeaderValue, Response};
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt as _;
use tower::Layer;

use super::{check, methods};
use crate::{
    errors::ErrorReply,
    names,
    names::Names,
    server::{
        health::Health,
        layers::validate_protocol::{ProtocolMetrics, ValidateProtocolLayer},
    },
    testing::{MESSAGE, call, handler, metric},
};

/// The reason of an answer that has its status in the headers, and the metadata and fields with it.
fn explained(answer: &Response<Body>) -> (String, Vec<(String, String)>, Vec<String>) {
    let status = Status::from_header_map(answer.headers()).expect("a status in the headers");
    let details = status.get_error_details();
    let info = details.error_info().expect("ErrorInfo").clone();
    let metadata: Vec<_> = info.metadata.into_iter().collect();
    let fields = details.bad_request().map(|it| it.field_violations.clone());
    let fields = fields.unwrap_or_default().into_iter();
    let fields = fields.map(|it| format!("{}: {}", it.field, it.description));
    (info.reason, metadata, fields.collect())
}

const CHECK: &str = "/grpc.health.v1.Health/Check";

#[rstest]
#[case::garbage(CHECK, b"\0\0\0\0\x02\xff\xff", "identity", "MALFORMED_MESSAGE", "", 1)]
#[case::no_utf8(
    CHECK,
    b"\0\0\0\0\x03\x0a\x01\xff",
    "identity",
    "MALFORMED_MESSAGE",
    "service: invalid string value: data is not UTF-8 encoded",
    1
)]
#[case::encoding(CHECK, MESSAGE, "snappy", "UNSUPPORTED_ENCODING", "", 1)]
// Calls of methods that do not exist are not counted.
#[case::method(
    "/grpc.health.v1.Health/Nope",
    MESSAGE,
    "identity",
    "UNKNOWN_METHOD",
    "",
    0
)]
#[case::service("/no.such.Service/Nope", MESSAGE, "identity", "UNKNOWN_SERVICE", "", 0)]
#[tokio::test]
async fn errors_of_the_library_say_why_and_are_counted_as_the_callers(
    #[case] path: &'static str,
    #[case] body: &'static [u8],
    #[case] encoding: &'static str,
    #[case] reason: &str,
    #[case] field: &str,
    #[case] counted: i64,
) {
    let registry = prometheus::Registry::new();
    let (_, service) = Health::new(&[]);
    let server = ValidateProtocolLayer::new(&methods())
        .count_in(&ProtocolMetrics::new(&registry).expect("an empty registry"))
        .layer(tonic::service::Routes::new(service));
    let mut request = check(body);
    *request.uri_mut() = http::Uri::from_static(path);
    let encoding = HeaderValue::from_static(encoding);
    request.headers_mut().insert("grpc-encoding", encoding);
    let (said, metadata, fields) = explained(&call(server, request).await);
    assert_eq!((said.as_str(), fields.concat().as_str()), (reason, field));
    let method = metadata.iter().find(|(key, _)| key == "method");
    let unknown = reason.starts_with("UNKNOWN_").then_some("Nope");
    assert_eq!(method.map(|(_, method)| method.as_str()), unknown);
    let invalid = metric(&registry, "grpc_rpc_invalid_requests_total");
    assert_eq!(invalid, counted);
}

#[tokio::test]
async fn an_error_of_a_handler_without_details_names_its_code_and_is_not_the_callers() {
    let registry = prometheus::Registry::new();
    let metrics = ProtocolMetrics::new(&registry).expect("an empty registry");
    let layer = ValidateProtocolLayer::new(&methods()).count_in(&metrics);
    let handler = handler(|_| async {
        let mut status = Status::internal("a bug");
        let value = tonic::metadata::MetadataValue::from_static("kept");
        status.metadata_mut().insert("x-own", value);
        status.into_http()
    });
    let answer = call(layer.layer(handler), check(MESSAGE)).await;
    assert_eq!(answer.headers()["x-own"], "kept");
    assert_eq!(explained(&answer).0, "INTERNAL");
    assert_eq!(metric(&registry, "grpc_rpc_invalid_requests_total"), 0);
}

#[tokio::test]
async fn a_reason_without_a_domain_gets_that_of_the_server() {
    static NAMES: Names = names!("shop");
    for (own, expected) in [("", "shop"), ("other", "other")] {
        let layer = ValidateProtocolLayer::new(&methods()).names(&NAMES);
        let handler = handler(move |_| async move {
            let reply = ErrorReply::new(Code::NotFound, "NO_SUCH_USER", "none").domain(own);
            reply
                .violation("user_id", "unknown")
                .into_status()
                .into_http()
        });
        let answer = call(layer.layer(handler), check(MESSAGE)).await;
        let status = Status::from_header_map(answer.headers()).expect("a status");
        assert_eq!((status.code(), status.message()), (Code::NotFound, "none"));
        let details = status.get_error_details();
        assert_eq!(details.error_info().expect("ErrorInfo").domain, expected);
        assert!(details.bad_request().is_some(), "the others stay");
    }
}
