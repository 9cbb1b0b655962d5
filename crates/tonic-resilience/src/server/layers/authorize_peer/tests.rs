use rstest::rstest;
use tonic::Code;
use tower::Layer;

use super::AuthorizePeerLayer;
use crate::{
    testing::{answer_in_headers, code, handler, request},
    tls::PeerIdentity,
};

#[rstest]
#[case("/tracewalk.user.v1.UserService/GetUser", Some("gateway"), Code::Ok)]
#[case(
    "/tracewalk.user.v1.UserService/GetUser",
    Some("profile"),
    Code::PermissionDenied
)]
#[case("/tracewalk.user.v1.UserService/GetUser", None, Code::Unauthenticated)]
#[case(
    "/tracewalk.user.v1.UserService/CreateUser",
    Some("gateway"),
    Code::PermissionDenied
)]
#[case("/tracewalk.user.v1.UserService/CreateUser", Some("admin"), Code::Ok)]
#[case(
    "/tracewalk.user.v1.Other/GetUser",
    Some("gateway"),
    Code::PermissionDenied
)]
#[case("/grpc.health.v1.Health/Check", None, Code::Ok)]
#[case("/grpc.health.v1.Health/Check", Some("profile"), Code::Ok)]
#[case("/grpc.health.v1.HealthX/Check", None, Code::Unauthenticated)]
#[tokio::test]
async fn peers_may_call_what_is_allowed(
    #[case] path: &'static str,
    #[case] peer: Option<&str>,
    #[case] expected: Code,
) {
    let stack = AuthorizePeerLayer::default()
        .allow("tracewalk.user.v1.UserService", &["gateway"])
        .allow_method("tracewalk.user.v1.UserService/CreateUser", &["admin"])
        .allow_all("grpc.health.v1.Health")
        .layer(handler(|_| async { answer_in_headers(Code::Ok) }));
    let mut request = request();
    *request.uri_mut() = http::Uri::from_static(path);
    if let Some(peer) = peer {
        request.extensions_mut().insert(PeerIdentity::new(peer));
    }
    assert_eq!(code(stack, request).await, expected);
}
