use futures_util::FutureExt as _;
use grpc_wire::Methods;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tower::Layer;

use tonic_types::StatusExt as _;

use super::{ProtocolMetrics, ValidateProtocolLayer};
use crate::{
    client::layers::ValidateResponseLayer,
    errors::ErrorReply,
    names,
    names::Names,
    server::health::Health,
    stack::Stack,
    testing::{MESSAGE, call, code, code_of, handler, metric, request},
};

fn methods() -> Methods {
    let sets = [tonic_health::pb::FILE_DESCRIPTOR_SET];
    Methods::from_descriptor_sets(&sets).expect("generated descriptors decode")
}

/// A server whose `Check` takes one message of at most 64 bytes.
fn server() -> impl Stack<ResponseBody = Body> {
    let (health, service) = Health::new(&[]);
    health.set_serving(true);
    ValidateProtocolLayer::new(&methods())
        .max_message_bytes(64)
        .max_metadata_bytes(1000)
        .layer(tonic::service::Routes::new(service))
}

fn check(body: impl Into<bytes::Bytes>) -> Request<Body> {
    let mut request = request().map(|_| Body::new(http_body_util::Full::new(body.into())));
    *request.uri_mut() = http::Uri::from_static("/grpc.health.v1.Health/Check");
    request
}

#[rstest]
#[case(MESSAGE.to_vec(), Code::Ok, "one message")]
#[case(vec![], Code::Unimplemented, "no message")]
#[case([MESSAGE, MESSAGE].concat(), Code::Unimplemented, "two messages")]
#[case(b"\0\0\0\0A".to_vec(), Code::ResourceExhausted, "a prefix above the limit")]
#[case(b"\0\xff\xff\xff\xff".to_vec(), Code::ResourceExhausted, "a prefix of 4 GiB")]
#[case(b"\0\0\0\0\x05ab".to_vec(), Code::Internal, "a message that ends too early")]
#[case(b"\0\0\0".to_vec(), Code::Internal, "a prefix that ends too early")]
#[case(b"\0\0\0\0\x02\xff\xff".to_vec(), Code::Internal, "a message that does not decode")]
#[case(b"\x01\0\0\0\0".to_vec(), Code::Internal, "compressed without an encoding")]
#[tokio::test]
async fn bodies_get_the_code_of_the_specification(
    #[case] body: Vec<u8>,
    #[case] expected: Code,
    #[case] reason: &str,
) {
    assert_eq!(code(server(), check(body)).await, expected, "{reason}");
}

#[tokio::test]
async fn what_is_not_grpc_gets_an_http_status() {
    let mut get = check(MESSAGE);
    *get.method_mut() = Method::GET;
    let refused = call(server(), get).await;
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers()["allow"], "POST");
    assert_eq!(code_of(refused).await, Code::InvalidArgument);
    for (content_type, expected) in [
        ("text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/grpc-web", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/grpc+proto", StatusCode::OK),
        ("application/grpc; charset=utf-8", StatusCode::OK),
    ] {
        let mut request = check(MESSAGE);
        let value = HeaderValue::from_static(content_type);
        request.headers_mut().insert("content-type", value);
        let answer = call(server(), request).await;
        assert_eq!(answer.status(), expected, "{content_type}");
    }
}

#[tokio::test]
async fn too_much_metadata_is_resource_exhausted() {
    let mut request = check(MESSAGE);
    let value = HeaderValue::from_str(&"x".repeat(1000)).expect("visible ASCII");
    request.headers_mut().insert("x-flood", value);
    assert_eq!(code(server(), request).await, Code::ResourceExhausted);
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let mut request = check(MESSAGE);
    *request.uri_mut() = http::Uri::from_static("/no.such.Service/Method");
    assert_eq!(code(server(), request).await, Code::Unimplemented);
}

#[tokio::test]
async fn streams_take_any_number_of_messages() {
    let layer = ValidateProtocolLayer::new(&Methods::default());
    let stack = layer.layer(crate::testing::handler(|request| async {
        let body = request.into_body().collect().await.expect("no fault");
        assert_eq!(body.to_bytes().len(), 3 * MESSAGE.len());
        crate::testing::answer_in_headers(Code::Ok)
    }));
    assert_eq!(code(stack, check(MESSAGE.repeat(3))).await, Code::Ok);
}

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

/// What a client reads of an answer with these bytes, and this status in its trailers.
async fn read(bytes: &'static [u8], status: Option<&'static str>) -> Code {
    let server = handler(move |_| async move {
        let trailers = status.map(|status| {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static(status));
            let details = HeaderValue::from_static("no base64!");
            trailers.insert("grpc-status-details-bin", details);
            Ok(trailers)
        });
        let body = http_body_util::Full::new(bytes::Bytes::from_static(bytes));
        Response::new(Body::new(body.with_trailers(std::future::ready(trailers))))
    });
    let answer = call(ValidateResponseLayer.layer(server), check(MESSAGE)).await;
    match answer.into_body().collect().await {
        Ok(body) => {
            let trailers = body.trailers().expect("a status");
            Status::from_header_map(trailers).expect("a status").code()
        }
        Err(status) => status.code(),
    }
}

#[rstest]
#[case(MESSAGE, Some("0"), Code::Ok, "one message")]
#[case(MESSAGE, Some("5"), Code::NotFound, "details that are no base64")]
#[case(MESSAGE, None, Code::Unknown, "no status")]
#[case(b"", None, Code::Unknown, "nothing at all")]
#[case(
    b"\0\0\0\0\x05ab",
    Some("0"),
    Code::Internal,
    "a status within a message"
)]
#[case(b"\0\0\0\0\x05ab", Some("14"), Code::Unavailable, "the reason of that")]
#[case(b"\0\0\0", None, Code::Internal, "an end within a prefix")]
#[case(
    b"\0\0\x40\0\x01",
    Some("0"),
    Code::ResourceExhausted,
    "a prefix above the limit"
)]
#[case(
    b"\x07\0\0\0\0",
    Some("0"),
    Code::Internal,
    "a flag that does not exist"
)]
#[case(
    b"\x01\0\0\0\0",
    Some("0"),
    Code::Internal,
    "compressed without an encoding"
)]
#[tokio::test]
async fn answers_get_the_code_of_the_specification(
    #[case] bytes: &'static [u8],
    #[case] status: Option<&'static str>,
    #[case] expected: Code,
    #[case] reason: &str,
) {
    assert_eq!(read(bytes, status).await, expected, "{reason}");
}

#[tokio::test]
async fn a_request_ends_with_a_reset_when_its_answer_is_dropped() {
    let (bodies, mut sent) = tokio::sync::mpsc::channel(1);
    let server = handler(move |request: Request<Body>| {
        let bodies = bodies.clone();
        async move {
            bodies
                .send(request.into_body())
                .await
                .expect("the test waits");
            crate::testing::answer_in_trailers(Code::Ok)
        }
    });
    let frames = futures_util::stream::pending::<Result<http_body::Frame<bytes::Bytes>, Status>>();
    let request = check(MESSAGE).map(|_| Body::new(http_body_util::StreamBody::new(frames)));
    let answer = call(ValidateResponseLayer.layer(server), request).await;
    let mut body = sent.recv().await.expect("a request");
    tokio_test::assert_pending!(tokio_test::task::spawn(body.frame()).poll());
    drop(answer);
    let status = body
        .frame()
        .now_or_never()
        .flatten()
        .expect("an end at once")
        .expect_err("no end of a whole request");
    let cause = std::error::Error::source(&status).expect("a cause");
    let cause: &h2::Error = cause.downcast_ref().expect("a reset");
    assert_eq!(cause.reason(), Some(h2::Reason::CANCEL));
}
