use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use http::{Request, StatusCode};
use listener::Settings;
use tokio::{io::AsyncReadExt as _, task::JoinHandle, time::timeout};

use super::server::{DEADLINE, SHORT, Server, until_closed};

/// A connection with windows of this size; nobody opens them.
async fn connect(
    server: &Server,
    window: u32,
) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let stream = server.connect().await;
    let mut builder = Builder::new();
    let handshake = builder.initial_window_size(window).handshake(stream);
    let (client, connection) = handshake.await.expect("HTTP/2");
    (client, tokio::spawn(connection))
}

async fn call(client: &SendRequest<Bytes>, path: &str) -> http::Response<h2::RecvStream> {
    let mut client = client.clone().ready().await.expect("an open connection");
    let request = Request::get(format!("http://a{path}"))
        .body(())
        .expect("a request");
    let (answer, _) = client.send_request(request, true).expect("it is ready");
    let answer = timeout(DEADLINE, answer).await.expect("in time");
    answer.expect("an answer")
}

#[tokio::test]
async fn stream_that_nobody_reads_is_reset_and_its_connection_goes_on() {
    let server = Server::start(Settings {
        write_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    // Pings are answered, so keepalive finds nothing wrong.
    let (client, connection) = connect(&server, 0).await;
    for path in ["/endless", "/"] {
        let mut body = call(&client, path).await.into_body();
        let read = timeout(DEADLINE, body.data()).await.expect("in time");
        let error = read.expect("no end").expect_err("no data");
        assert_eq!(error.reason(), Some(h2::Reason::CANCEL), "{path}");
    }
    server.running(0).await;
    assert_eq!(call(&client, "/").await.status(), StatusCode::OK);
    assert!(!connection.is_finished());
}

#[tokio::test]
async fn stream_that_is_read_slowly_is_not_reset() {
    let server = Server::start(Settings {
        write_timeout: SHORT * 2,
        ..Settings::default()
    })
    .await;
    let (client, _connection) = connect(&server, 16 * 1024).await;
    let mut body = call(&client, "/endless").await.into_body();
    for _ in 0..8 {
        let data = timeout(DEADLINE, body.data()).await.expect("in time");
        let length = data.expect("no end").expect("no reset").len();
        tokio::time::sleep(SHORT / 2).await;
        let released = body.flow_control().release_capacity(length);
        released.expect("what was received");
    }
}

#[tokio::test]
async fn connection_without_calls_is_closed_and_one_with_a_call_is_not() {
    let server = Server::start(Settings {
        idle_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    let (busy, _busy) = connect(&server, 65_535).await;
    let mut client = busy.ready().await.expect("an open connection");
    let request = Request::get("http://a/wait").body(()).expect("a request");
    let (answer, _) = client.send_request(request, true).expect("it is ready");
    let (_idle, idle) = connect(&server, 65_535).await;
    assert!(
        timeout(DEADLINE, idle).await.is_ok(),
        "the idle one is closed"
    );
    server.permits.add_permits(1);
    assert!(answer.await.is_ok(), "the busy one is open");
}

#[tokio::test]
async fn peer_that_does_not_answer_pings_is_gone() {
    const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let server = Server::start(Settings {
        keepalive_interval: SHORT,
        keepalive_timeout: SHORT,
        ..Settings::default()
    })
    .await;
    until_closed(server.send(HELLO).await).await;
}

#[tokio::test]
async fn connection_of_many_callers_is_not_closed_when_they_all_leave() {
    for (max_pending_resets, stays) in [(20, false), (100, true)] {
        let server = Server::start(Settings {
            max_pending_resets,
            ..Settings::default()
        })
        .await;
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
        for stream in 0_u32..50 {
            let stream = (2 * stream + 1).to_be_bytes();
            // GET http://a/, and RST_STREAM with the code CANCEL.
            bytes.extend(b"\0\0\x06\x01\x05");
            bytes.extend(stream);
            bytes.extend(b"\x82\x86\x84\x01\x01a\0\0\x04\x03\0");
            bytes.extend(stream);
            bytes.extend(b"\0\0\0\x08");
        }
        bytes.extend(b"\0\0\x08\x06\0\0\0\0\0answered");
        let mut stream = server.send(&bytes).await;
        let mut said = Vec::new();
        let pong = async {
            while stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {
                if said.windows(8).any(|part| part == b"answered") {
                    return true;
                }
            }
            false
        };
        assert_eq!(timeout(DEADLINE, pong).await, Ok(stays));
    }
}

#[tokio::test]
async fn calls_of_another_connection_begin_between_those_of_a_crowd() {
    const CROWD: u32 = 200;
    const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // GET http://a/wait
    let frame = |stream: u32| {
        let stream = (2 * stream + 1).to_be_bytes();
        let headers = b"\x82\x86\x04\x05/wait\x01\x01a";
        [b"\0\0\x0c\x01\x05", &stream[..], headers].concat()
    };
    let server = Server::start(Settings::default()).await;
    let (crowd, mut one) = (server.send(HELLO).await, server.send(HELLO).await);
    for connection in [&crowd, &one] {
        // The server has sent its own preface.
        connection.readable().await.expect("an open connection");
    }
    let many: Vec<u8> = (0..CROWD).flat_map(frame).collect();
    // All is there before the server looks.
    for (connection, bytes) in [(&crowd, many), (&one, frame(0))] {
        let written = connection.try_write(&bytes).expect("room");
        assert_eq!(written, bytes.len());
    }
    server.running(CROWD as usize + 1).await;
    // The permits go to the calls that waited first.
    server.permits.add_permits(CROWD as usize / 2);
    let mut said = Vec::new();
    let answered = async {
        while !said.ends_with(b"hello") {
            assert_ne!(one.read_buf(&mut said).await.expect("no reset"), 0);
        }
    };
    assert!(timeout(DEADLINE, answered).await.is_ok(), "{said:?}");
}
