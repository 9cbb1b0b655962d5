//! Connections that say nothing.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{raw::HELLO, watched::Watched};
use crate::support::DEADLINE;

/// With those of the test itself fewer than the 1024 files that a process may often open, and the
/// 1024 connections that the gateway takes.
const CONNECTIONS: usize = 900;

#[tokio::test]
async fn hundreds_of_silent_connections_keep_nobody_out_and_are_closed() {
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    let mut silent = Vec::new();
    for number in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).await.expect("a listener");
        // Every other one begins, and does not go on.
        let begun = &HELLO[..(number % 2) * 12];
        stream.write_all(begun).await.expect("an open connection");
        silent.push(stream);
    }
    let mut other = watched.demo.caller().await;
    assert_eq!(other.get("nobody").await.code, tonic::Code::NotFound);
    for mut stream in silent {
        let end = timeout(DEADLINE, stream.read_to_end(&mut Vec::new())).await;
        assert!(end.is_ok(), "it stays open");
    }
    let spans = watched.expect_unharmed().await;
    assert_eq!(spans.len(), 1, "the unknown user");
}
