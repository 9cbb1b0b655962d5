use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tonic::Code;

use super::{
    client::{begin, call},
    fixture::Fixture,
};
use crate::{server::Server, testing::backend::eventually};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// Sends bytes, and waits for the end of the connection.
async fn is_closed(fixture: &Fixture, bytes: &[u8]) -> bool {
    let mut stream = TcpStream::connect(fixture.address)
        .await
        .expect("a listener");
    stream.write_all(bytes).await.expect("an open connection");
    let mut rest = Vec::new();
    // Either an end or a reset: both are closed.
    timeout(Duration::from_secs(60), stream.read_to_end(&mut rest))
        .await
        .is_ok()
}

#[tokio::test]
async fn a_connection_that_does_not_speak_http2_in_time_is_closed() {
    let server = Server::default().handshake_timeout(Duration::from_millis(200));
    let fixture = Fixture::start(server).await;
    for bytes in [
        &b""[..],
        &PREFACE[..10],
        b"GET / HTTP/1.1\r\n\r\n",
        &[0; 100],
    ] {
        let start = Instant::now();
        assert!(is_closed(&fixture, bytes).await);
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(
        call(&fixture.connect().await, "/t.T/Quick")
            .await
            .expect("an answer"),
        Code::Ok
    );
}

#[tokio::test]
async fn a_peer_that_does_not_answer_pings_is_gone() {
    let server =
        Server::default().keepalive(Duration::from_millis(100), Duration::from_millis(100));
    let fixture = Fixture::start(server).await;
    assert!(is_closed(&fixture, &[PREFACE, SETTINGS].concat()).await);
}

#[tokio::test]
async fn a_connection_without_calls_is_closed_and_one_with_a_call_is_not() {
    let server = Server::default().idle_timeout(Duration::from_millis(200));
    let fixture = Fixture::start(server).await;
    let busy = fixture.connect().await;
    let (answer, _body) = begin(&busy, "/t.T/Wait").await.expect("an open connection");
    let stream = TcpStream::connect(fixture.address)
        .await
        .expect("a listener");
    let (_idle, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    let closed = timeout(Duration::from_secs(60), connection).await;
    assert!(closed.is_ok(), "the idle one is closed");
    fixture.calls.go_on.add_permits(1);
    assert!(answer.await.is_ok(), "open");
}

#[tokio::test]
async fn one_connection_too_many_is_closed_while_the_others_have_calls() {
    let fixture = Fixture::start(Server::default().max_connections(2)).await;
    let [first, second] = [fixture.connect().await, fixture.connect().await];
    let mut calls = Vec::new();
    for client in [&first, &second] {
        calls.push(
            begin(client, "/t.T/Wait")
                .await
                .expect("an open connection"),
        );
    }
    eventually("both are handled", async || fixture.running() == 2).await;
    assert!(is_closed(&fixture, &[PREFACE, SETTINGS].concat()).await);
    fixture.calls.go_on.add_permits(2);
    for (answer, _body) in calls {
        assert!(answer.await.is_ok(), "their calls go on");
    }
    eventually("an idle connection gives way", async || {
        let stream = TcpStream::connect(fixture.address)
            .await
            .expect("a listener");
        let Ok((client, connection)) = h2::client::handshake(stream).await else {
            return false;
        };
        tokio::spawn(connection);
        call(&client, "/t.T/Quick").await.is_ok()
    })
    .await;
}

/// A frame: [RFC 9113, 4.1](https://www.rfc-editor.org/rfc/rfc9113#section-4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let head = [
        &length.to_be_bytes()[1..],
        &[kind, flags],
        &stream.to_be_bytes(),
    ]
    .concat();
    [&head, payload].concat()
}

#[tokio::test]
async fn rapid_resets_end_their_connection_and_no_other() {
    // Indexed `POST` and `http`, then a literal path and authority.
    const HEADERS: &[u8] = b"\x83\x86\x04\x09/t.T/Wait\x01\x01s";
    let fixture = Fixture::start(Server::default()).await;
    let good = fixture.connect().await;
    let mut attack = [PREFACE, SETTINGS].concat();
    for stream in (0..2000).map(|number| 2 * number + 1) {
        attack.extend(frame(1, 4, stream, HEADERS));
        attack.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    let mut stream = TcpStream::connect(fixture.address)
        .await
        .expect("a listener");
    // The server may close before it has read all.
    let _ = stream.write_all(&attack).await;
    let end = timeout(Duration::from_secs(60), stream.read_to_end(&mut Vec::new())).await;
    assert!(end.is_ok(), "closed");
    assert_eq!(
        call(&good, "/t.T/Quick").await.expect("an answer"),
        Code::Ok
    );
    eventually("nothing is left of them", async || fixture.running() == 0).await;
}

#[tokio::test]
async fn hundreds_of_silent_connections_do_not_keep_others_out() {
    let server = Server::default()
        .max_connections(5000)
        .handshake_timeout(Duration::from_secs(1));
    let fixture = Fixture::start(server).await;
    let mut silent = Vec::new();
    for _ in 0..400 {
        silent.push(
            TcpStream::connect(fixture.address)
                .await
                .expect("a listener"),
        );
    }
    let client = fixture.connect().await;
    assert_eq!(
        call(&client, "/t.T/Quick").await.expect("an answer"),
        Code::Ok
    );
    for mut stream in silent {
        let end = timeout(Duration::from_secs(60), stream.read_to_end(&mut Vec::new())).await;
        assert!(end.is_ok(), "closed");
    }
}
