//! Connections that say nothing.

use std::net::SocketAddr;

use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
    time::timeout,
};
use tonic::Code;

use super::{raw::HELLO, watched::Watched};
use crate::support::{Caller, DEADLINE, Demo, Process, command, get};

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

/// A gateway that may open so many files.
async fn gateway_with_files(demo: &Demo, files: u32) -> Process {
    let user = demo.user.address("grpc").await;
    let user = format!("static:///{user}");
    let gateway = command(&["gateway", "--user", &user, "--listen", "127.0.0.1:0"]);
    let gateway = gateway.as_std();
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")])
        .arg(gateway.get_program())
        .args(gateway.get_args())
        .args([
            "--http-listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ])
        .env("OTEL_TRACES_EXPORTER", "none")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    let gateway = Process::start("gateway", limited);
    gateway.address("grpc").await;
    gateway
}

/// Opens more connections than the gateway may open files, and sends the same on each.
async fn crowd(address: SocketAddr, begun: &[u8]) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for _ in 0..400 {
        let mut stream = TcpStream::connect(address).await.expect("a listener");
        // One too many may be closed by now.
        let _ = stream.write_all(begun).await;
        crowd.push(stream);
    }
    crowd
}

/// Each port answers one more caller.
async fn every_port_answers(gateway: &Process) {
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    assert_eq!(caller.get("1").await.code, Code::Ok);
    let admin = gateway.address("admin").await;
    assert_eq!(get(&format!("http://{admin}/readyz")).await.status, 200);
    let http = gateway.address("http").await;
    assert_eq!(get(&format!("http://{http}/v1/users/1")).await.status, 200);
}

#[rstest]
#[case::silent(b"")]
#[case::with_half_a_request(b"GET /metrics HTTP/1.1\r\nhost:")]
#[tokio::test]
async fn a_crowd_at_any_port_shuts_nobody_out(#[case] begun: &[u8]) {
    let demo = Demo::start().await;
    let gateway = gateway_with_files(&demo, 256).await;
    let mut crowds = Vec::new();
    for port in ["http", "grpc", "admin"] {
        crowds.push(crowd(gateway.address(port).await, begun).await);
        every_port_answers(&gateway).await;
    }
}

#[tokio::test]
async fn bodies_that_never_come_do_not_shut_the_other_ports() {
    let demo = Demo::start().await;
    let gateway = gateway_with_files(&demo, 256).await;
    let begun = b"POST /v1/users HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
        content-length: 9\r\n\r\n";
    let _crowd = crowd(gateway.address("http").await, begun).await;
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    assert_eq!(caller.get("1").await.code, Code::Ok);
    let admin = gateway.address("admin").await;
    assert_eq!(get(&format!("http://{admin}/readyz")).await.status, 200);
}
