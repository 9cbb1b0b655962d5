//! Reads what a child writes, and with it where it serves.

use std::net::SocketAddr;

use backends::web::reachable;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    sync::mpsc,
};

use crate::{output, up::log::Log};

/// Where this machine reaches a child, by its log event `ready`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(in crate::up) struct Ready {
    pub(in crate::up) grpc: SocketAddr,
    pub(in crate::up) admin: SocketAddr,
    pub(in crate::up) http: Option<SocketAddr>,
}

/// Keeps what a child writes, and reports its `ready`. Reads to the end, because a pipe that nobody
/// reads blocks the child.
pub(super) async fn follow(
    name: &'static str,
    pipe: impl AsyncRead + Unpin,
    log: Log,
    mut news: Option<mpsc::Sender<Ready>>,
) {
    let mut reader = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while reader
        .read_until(b'\n', &mut bytes)
        .await
        .is_ok_and(|read| read > 0)
    {
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        bytes.clear();
        if let Some(ready) = news.as_ref().and_then(|_| parse_ready(&line))
            && let Some(news) = news.take()
        {
            // Nobody waits for it any more: the start has failed already.
            let _ = news.send(ready).await;
        }
        if let Err(error) = log.keep(line) {
            output::note(format_args!(
                "the log of {name} is no longer written: {error}"
            ));
        }
    }
}

fn parse_ready(line: &str) -> Option<Ready> {
    #[derive(Deserialize)]
    struct Event {
        message: String,
        #[serde(flatten)]
        ready: Ready,
    }
    let Event { message, ready } = serde_json::from_str(line).ok()?;
    (message == "ready").then(|| Ready {
        grpc: reachable(ready.grpc),
        admin: reachable(ready.admin),
        http: ready.http.map(reachable),
    })
}
