//! The launcher and its stack, as a caller of its socket sees them.

use std::{os::unix::fs::PermissionsExt as _, time::Duration};

use proto::gateway::v1::GetUserRequest;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::UnixStream,
    time::timeout,
};

use crate::support::{Caller, Up};

/// A connection to the launcher.
pub(super) struct Control(BufStream<UnixStream>);

impl Control {
    pub(super) async fn open(up: &Up, addresses: &Value) -> Self {
        let gateway = address(addresses, "gateway");
        let port = gateway.rsplit(':').next().expect("a port");
        let path = up.data.path().join(format!("up-{port}.sock"));
        let mode = std::fs::metadata(&path)
            .expect("a socket")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "for its owner alone");
        Self(BufStream::new(
            UnixStream::connect(path).await.expect("a launcher"),
        ))
    }

    /// Sends a line, and returns the answer.
    pub(super) async fn ask(&mut self, request: &str) -> String {
        self.0
            .write_all(request.as_bytes())
            .await
            .expect("a connection");
        self.0.write_all(b"\n").await.expect("a connection");
        self.0.flush().await.expect("a connection");
        let mut answer = String::new();
        self.0.read_line(&mut answer).await.expect("a connection");
        answer
    }

    /// Sends so many bytes, and waits until the launcher has ended the connection.
    pub(super) async fn ends_after(&mut self, bytes: &[u8]) -> bool {
        let sent = async {
            // Fails where the launcher ends it before all is sent.
            let _ = self.0.write_all(bytes).await;
            let _ = self.0.flush().await;
            let _ = self.0.read_to_end(&mut Vec::new()).await;
        };
        timeout(Duration::from_mins(1), sent).await.is_ok()
    }
}

/// Waits until what the caller before has changed is undone: only then the next one is answered.
pub(super) async fn undone(up: &Up, addresses: &Value) {
    let mut control = Control::open(up, addresses).await;
    let answer = control.ask(r#""restore""#).await;
    assert!(answer.contains(r#""is_well":true"#), "{answer}");
}

pub(super) fn act(process: &str, signal: &str) -> String {
    format!(r#"{{"act":{{"process":{process},"signal":"{signal}","after":0}}}}"#)
}

pub(super) fn address<'a>(addresses: &'a Value, name: &str) -> &'a str {
    addresses[name].as_str().expect("an address")
}

/// Whether the next call is answered with the profile.
pub(super) async fn is_whole(addresses: &Value) -> bool {
    let gateway = address(addresses, "gateway").parse().expect("an address");
    let mut caller = Caller::connect(gateway).await;
    let request = GetUserRequest {
        user_id: "7".to_owned(),
    };
    let answer = caller.gateway.get_user(request).await;
    answer.is_ok_and(|answer| !answer.get_ref().degraded)
}
