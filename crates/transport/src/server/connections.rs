use std::time::Duration;

use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::task::TaskTracker;
use tonic::transport::server::TcpConnectInfo;

use super::{
    Drained, Server,
    connection::{Connection, Peer, Stop},
};
use crate::stack::Stack;

/// Time for tasks to end after the grace, when they only have to notice it.
const NOTICE: Duration = Duration::from_millis(300);

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    limits: Server,
    open: TaskTracker,
    stop: Stop,
    calls: TaskTracker,
}

impl Connections {
    pub(super) fn new(limits: Server) -> Self {
        Self {
            limits,
            open: TaskTracker::new(),
            stop: Stop::default(),
            calls: TaskTracker::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= self.limits.max_connections
    }

    pub(super) fn spawn(&self, stream: TcpStream, address: TcpConnectInfo, stack: impl Stack) {
        let connection = Connection {
            limits: self.limits.clone(),
            stop: self.stop.clone(),
            calls: self.calls.clone(),
            peer: Peer {
                address,
                identity: None,
            },
        };
        self.open.spawn(connection.serve(stream, stack));
    }

    /// Lets the calls end, at most until the grace is over, and cuts the rest.
    pub(super) async fn drain(self) -> Drained {
        let start = Instant::now();
        let end = start + self.limits.grace;
        self.open.close();
        self.stop.drain.cancel();
        let mut aborted_calls = 0;
        if timeout_at(end, self.open.wait()).await.is_err() {
            // Counted first: a call that is cut ends at any time from here on.
            aborted_calls = self.calls.len();
            self.stop.cut.cancel();
            // A handler that blocks its thread cannot be cut, and must not hold the exit up.
            if timeout(NOTICE, self.open.wait()).await.is_err() {
                tracing::warn!(
                    connections = self.open.len(),
                    "calls that do not yield are left behind"
                );
            }
        }
        let drained = Drained {
            aborted_calls,
            took: start.elapsed(),
        };
        tracing::info!(aborted_calls, took_ms = drained.took.as_millis(), "drained");
        drained
    }
}
