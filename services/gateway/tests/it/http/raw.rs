//! Requests as bytes, from an address of their own.

use std::net::SocketAddr;

use crate::support::{start, start_with};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

/// Sends bytes from an address, and reads to the end of the connection.
async fn raw(http: SocketAddr, from: &str, request: &str) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(from.parse().expect("an address"))
        .expect("it is ours");
    let stream = socket.connect(http).await.expect("a listener");
    said(stream, request).await
}

async fn said(mut stream: TcpStream, request: &str) -> String {
    stream
        .write_all(request.as_bytes())
        .await
        .expect("an open connection");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("text");
    said
}

const GET: &str = "GET /v1/users/1 HTTP/1.1\r\nconnection: close\r\n";

// Elsewhere there is one loopback address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn each_address_has_a_rate_of_its_own() {
    let running = start_with(|config| config.rate_limit = 1).await;
    let request = format!("{GET}host: a\r\nx-forwarded-for: 1.2.3.4\r\n\r\n");
    for (from, expected) in [
        ("127.0.0.1:0", "200"),
        ("127.0.0.1:0", "429"),
        ("127.0.0.2:0", "200"),
    ] {
        let said = raw(running.http, from, &request).await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {expected}")),
            "{from}: {said}"
        );
    }
}

#[rstest]
#[case("")]
#[case("host: a\r\nhost: b\r\n")]
#[case("host: a b\r\n")]
#[tokio::test]
async fn a_request_without_one_valid_host_is_refused_in_json(#[case] hosts: &str) {
    let running = start().await;
    let said = raw(running.http, "127.0.0.1:0", &format!("{GET}{hosts}\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
    assert!(said.contains("\"reason\":\"INVALID_HOST\""), "{said}");
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.http).await.expect("a listener");
    let head = "POST /v1/users HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
        content-length: 50\r\n\r\n{";
    stream
        .write_all(head.as_bytes())
        .await
        .expect("an open connection");
    // Time stands still but for what is waited for.
    tokio::time::pause();
    let said = said(stream, "").await;
    tokio::time::resume();
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("\"code\":\"DEADLINE_EXCEEDED\""), "{said}");
}
