//! The two ends of a call: the server, and who calls.

use rstest::rstest;
use tower::{Layer as _, ServiceExt as _};

use super::{ok, request};
use crate::support::{Fixture, attribute};

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
