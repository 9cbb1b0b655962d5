use std::time::Duration;

use listener::Settings;
use tokio::{net::TcpStream, time::timeout};

use super::server::{DEADLINE, SHORT, Server, until_closed};

#[tokio::test]
async fn calls_under_way_are_answered_and_idle_connections_closed() {
    drains_well(Settings::default()).await;
}

#[tokio::test]
async fn times_without_end_are_no_bounds() {
    drains_well(Settings {
        handshake_timeout: Duration::MAX,
        header_timeout: Duration::MAX,
        body_timeout: Some(Duration::MAX),
        write_timeout: Duration::MAX,
        idle_timeout: Duration::MAX,
        keepalive_interval: Duration::MAX,
        keepalive_timeout: Duration::MAX,
        grace: Duration::MAX,
        ..Settings::default()
    })
    .await;
}

async fn drains_well(settings: Settings) {
    let server = Server::start(settings).await;
    let silent = server.connect().await;
    let waiting = server.send(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.running(1).await;
    let (address, permits) = (server.address, server.permits.clone());
    let stopping = server.begin_stop();
    assert_eq!(until_closed(silent).await, "");
    assert!(TcpStream::connect(address).await.is_err(), "it listens");
    permits.add_permits(1);
    assert!(until_closed(waiting).await.ends_with("hello"));
    let drained = timeout(DEADLINE, stopping).await.expect("in time");
    let drained = drained.expect("no panic");
    assert_eq!(drained.aborted_calls, 0);
    assert!(drained.took < Settings::default().grace, "{drained:?}");
}

#[tokio::test]
async fn what_does_not_end_is_counted_and_cut_when_the_grace_is_over() {
    let server = Server::start(Settings {
        grace: SHORT,
        ..Settings::default()
    })
    .await;
    let calls = [
        "GET /wait HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n",
    ];
    let mut streams = Vec::new();
    for call in calls {
        streams.push(server.send(call.as_bytes()).await);
    }
    server.running(3).await;
    let drained = timeout(DEADLINE, server.begin_stop())
        .await
        .expect("in time");
    let drained = drained.expect("no panic");
    assert_eq!(drained.aborted_calls, 3);
    assert!(drained.took >= SHORT && drained.took < Duration::from_secs(10));
}
