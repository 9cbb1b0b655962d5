use std::time::Duration;

use listener::Settings;
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

use super::server::{DEADLINE, Server, get, until_closed};

const WAIT: &[u8] = b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n";

fn at_most(max_connections: usize) -> Settings {
    Settings {
        max_connections,
        ..Settings::default()
    }
}

#[tokio::test]
async fn silent_connections_give_way_to_callers() {
    let server = Server::start(at_most(20)).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(server.connect().await);
        if silent.len() % 20 == 0 {
            assert!(get(&server, "/").await.ends_with("hello"));
        }
    }
    assert!(open(&mut silent).await <= 20);
}

/// How many of them the server has not closed.
async fn open(streams: &mut [TcpStream]) -> usize {
    let mut open = 0;
    for stream in streams {
        let read = timeout(Duration::from_millis(5), stream.read(&mut [0])).await;
        open += usize::from(read.is_err());
    }
    open
}

#[tokio::test]
async fn connection_with_a_call_stays_and_the_one_too_many_is_closed() {
    let server = Server::start(at_most(2)).await;
    let [first, second] = [server.send(WAIT).await, server.send(WAIT).await];
    server.running(2).await;
    assert_eq!(until_closed(server.connect().await).await, "");
    server.permits.add_permits(2);
    for mut stream in [first, second] {
        let mut status = [0; 15];
        let read = timeout(DEADLINE, stream.read_exact(&mut status)).await;
        read.expect("in time").expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 200 OK");
    }
    assert!(get(&server, "/").await.ends_with("hello"));
}

#[tokio::test]
async fn connection_that_never_had_a_call_goes_before_one_that_had() {
    let server = Server::start(at_most(2)).await;
    let mut used = server.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut answer = vec![0; 15];
    used.read_exact(&mut answer).await.expect("an answer");
    server.running(0).await;
    let unused = server.connect().await;
    let third = server.send(WAIT).await;
    assert_eq!(until_closed(unused).await, "");
    server.running(1).await;
    drop((used, third));
}
