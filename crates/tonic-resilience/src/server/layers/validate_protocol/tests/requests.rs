//! What is wrong with a request, and what it gets.

use grpc_wire::Methods;
use http::{HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use rstest::rstest;
use tonic::{Code, body::Body};
use tower::Layer;

use super::{check, methods};
use crate::{
    server::{health::Health, layers::validate_protocol::ValidateProtocolLayer},
    stack::Stack,
    testing::{MESSAGE, call, code, code_of},
};

/// A server whose `Check` takes one message of at most 64 bytes.
pub(super) fn server() -> impl Stack<ResponseBody = Body> {
    let (health, service) = Health::new(&[]);
    health.set_serving(true);
    ValidateProtocolLayer::new(&methods())
        .max_message_bytes(64)
        .max_metadata_bytes(1000)
        .layer(tonic::service::Routes::new(service))
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
