//! Deadlines that cascade: each hop has what is left of the first caller's time, and no more.
//!
//! [`EnforceDeadlineLayer`] stands on the server. It reads `grpc-timeout`, bounds it by a maximum,
//! runs the timer for the whole call, streams too, and answers `DEADLINE_EXCEEDED` when it is over.
//! [`PropagateDeadlineLayer`] stands on the client. It finds the deadline of the call that is being
//! served, sends what is left of it, and does not call at all when nothing is left.
//!
//! tonic does less: its timer ends at the headers, it answers `CANCELLED`, and it forwards nothing.
//!
//! ```text
//! caller ── grpc-timeout: 500m ──► gateway ── 498m ──► user ── 495m ──► profile
//! ```
//!
//! The deadline travels inside a process in a task-local value, set whenever the handler or its
//! response stream is polled. A handler that spawns a task takes it along: [`Deadline::current`]
//! before, [`Deadline::scope`] within. Spec: [gRPC deadlines](https://grpc.io/docs/guides/deadlines/),
//! [`grpc-timeout`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
//!
//! Visible as the span attribute `tracewalk.deadline_ms`, the span event `deadline exceeded`, one
//! log line, and `code="DEADLINE_EXCEEDED"` in the metrics of the call.

mod body;
mod client;
mod future;
mod server;
mod timeout;

#[cfg(test)]
mod tests;

pub use self::{
    client::{PropagateDeadline, PropagateDeadlineLayer},
    future::DeadlineFuture,
    server::{EnforceDeadline, EnforceDeadlineLayer},
    timeout::{InvalidTimeout, format_timeout, parse_timeout},
};

use std::time::Duration;

use tokio::time::Instant;

/// The moment at which a call is over, whatever it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

tokio::task_local! {
    static CURRENT: Deadline;
}

impl Deadline {
    /// The deadline that is `timeout` away.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self(Instant::now() + timeout)
    }

    /// The deadline of the call that this task serves; `None` outside of one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|deadline| *deadline).ok()
    }

    /// What is left; zero when it is over.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Makes this the current deadline of `work`; for tasks that a handler spawns.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Makes this the current deadline while `poll` runs.
    fn enter<T>(self, poll: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, poll)
    }
}
