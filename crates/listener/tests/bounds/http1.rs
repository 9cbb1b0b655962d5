use std::time::Instant;

use listener::{Protocol, Settings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{sleep, timeout},
};

use super::server::{DEADLINE, SHORT, Server, get, until_closed};

#[tokio::test]
async fn connection_that_sends_nothing_or_half_a_preface_is_closed() {
    for protocol in [Protocol::Both, Protocol::Http1, Protocol::Http2] {
        let server = Server::start(Settings {
            protocol,
            handshake_timeout: SHORT,
            ..Settings::default()
        })
        .await;
        for begun in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
            let begin = Instant::now();
            until_closed(server.send(begun).await).await;
            assert!(begin.elapsed() < DEADLINE, "{protocol:?} {begun:?}");
        }
    }
}

#[tokio::test]
async fn headers_that_come_byte_by_byte_are_cut_off_in_time() {
    let server = Server::start(Settings {
        header_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    let (mut reader, mut writer) = server.connect().await.into_split();
    let begin = Instant::now();
    let slow = async {
        writer
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx: ")
            .await?;
        loop {
            writer.write_all(b"x").await?;
            sleep(SHORT / 10).await;
        }
    };
    let mut said = Vec::new();
    let closed = async {
        tokio::select! {
            // The server may be gone before the next byte.
            end = slow => drop::<std::io::Result<()>>(end),
            end = reader.read_to_end(&mut said) => drop(end),
        }
    };
    assert!(timeout(DEADLINE, closed).await.is_ok(), "it stays open");
    assert!(begin.elapsed() >= SHORT);
    assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
}

const HEAD: &str = "POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n";

#[tokio::test]
async fn body_that_does_not_come_in_time_is_answered_and_its_connection_closed() {
    let server = Server::start(Settings {
        body_timeout: Some(SHORT),
        ..Settings::default()
    })
    .await;
    for begun in ["", "12345"] {
        let stream = server.send(format!("{HEAD}{begun}").as_bytes()).await;
        let said = until_closed(stream).await;
        assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    }
    server.running(0).await;
    let whole = format!("{HEAD}1234567890");
    let mut whole = server.send(whole.as_bytes()).await;
    let mut answer = [0; 15];
    whole.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn client_that_never_reads_its_answer_is_cut_off() {
    let server = Server::start(Settings {
        write_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    let unread = server
        .send(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    server.running(1).await;
    server.running(0).await;
    drop(unread);
}

#[tokio::test]
async fn client_that_leaves_ends_its_call_and_one_that_only_stops_sending_does_too() {
    let server = Server::start(Settings::default()).await;
    let mut half = server.send(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.running(1).await;
    half.shutdown().await.expect("an open connection");
    assert_eq!(until_closed(half).await, "");
    server.running(0).await;
}

#[tokio::test]
async fn connection_is_kept_for_the_next_request_and_closed_without_one() {
    let server = Server::start(Settings {
        header_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    let mut stream = server.connect().await;
    for _ in 0..2 {
        let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        stream.write_all(request).await.expect("an open connection");
        let mut said = Vec::new();
        while !said.ends_with(b"hello") {
            let read = timeout(DEADLINE, stream.read_buf(&mut said)).await;
            assert!(read.expect("in time").expect("an answer") > 0);
        }
    }
    assert_eq!(until_closed(stream).await, "");
}

#[tokio::test]
async fn request_without_one_valid_host_is_a_400() {
    let server = Server::start(Settings::default()).await;
    for hosts in [
        "",
        "host: a\r\nhost: a\r\n",
        "host: a b\r\n",
        "host: a/b\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\nconnection: close\r\n{hosts}\r\n");
        let said = until_closed(server.send(request.as_bytes()).await).await;
        assert!(said.starts_with("HTTP/1.1 400"), "{hosts:?}: {said}");
    }
    assert!(get(&server, "/").await.starts_with("HTTP/1.1 200"));
    let old = server.send(b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(until_closed(old).await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn headers_beyond_the_limit_are_a_431() {
    let server = Server::start(Settings::default()).await;
    let long = "x".repeat(70 * 1024);
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n");
    let mut stream = server.connect().await;
    // The server may close before it has read all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut status = [0; 12];
    let read = timeout(DEADLINE, stream.read_exact(&mut status)).await;
    read.expect("in time").expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 431");
}
