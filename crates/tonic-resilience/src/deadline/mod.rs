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
//! caller ── grpc-timeout: 500m ──► gateway ── 489m ──► user ── 478m ──► profile
//! ```
//!
//! A server keeps 10 ms back, or a tenth where that is less: so the last hop answers first, and
//! each hop before it gets this answer before its own time is over. All of them then answer the
//! same, `DEADLINE_EXCEEDED`. Otherwise each caller would give up while the answer is on its way,
//! and the server would record a call that was cancelled.
//!
//! Inside a process the deadline is a task-local value, set whenever the handler or its response
//! stream is polled. A handler that spawns a task passes the deadline on: [`Deadline::current`]
//! before, [`Deadline::scope`] within. Spec: [gRPC deadlines](https://grpc.io/docs/guides/deadlines/),
//! [`grpc-timeout`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
//!
//! [`EnforceDeadlineLayer`]: crate::server::layers::EnforceDeadlineLayer
//! [`PropagateDeadlineLayer`]: crate::client::layers::PropagateDeadlineLayer
//!
//! Visible as the span attribute [`deadline_ms`](crate::names::Names::deadline_ms), the span event `deadline_exceeded`, one
//! log line, and `code="DEADLINE_EXCEEDED"` in the metrics of the call.

mod expiry;
mod timeout;

#[cfg(test)]
mod tests;

pub use self::timeout::{InvalidTimeout, format_timeout, parse_timeout};
pub(crate) use self::{
    expiry::{Expiry, exceeded},
    timeout::GRPC_TIMEOUT,
};

use std::time::Duration;

use tokio::time::Instant;

/// Most time that a server keeps back for its answer.
const MAX_KEPT_BACK: Duration = Duration::from_millis(10);

/// Longer than any call lasts: a larger timeout could overflow the clock.
const FAR_OFF: Duration = Duration::from_secs(24 * 365 * 30 * 60 * 60);

/// The moment at which a call is over, whatever it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    at: Instant,
    /// Whether a caller chose it, and not this process.
    of_caller: bool,
}

tokio::task_local! {
    static CURRENT: Deadline;
}

impl Deadline {
    /// The deadline that is `timeout` away, set by this process.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self {
            at: Instant::now() + timeout.min(FAR_OFF),
            of_caller: false,
        }
    }

    /// The deadline of a caller who waits for `timeout`: a little earlier, for the answer's way.
    #[cfg(feature = "server")]
    pub(crate) fn of_caller(timeout: Duration) -> Self {
        let kept_back = (timeout / 10).min(MAX_KEPT_BACK);
        Self {
            at: Instant::now() + timeout.saturating_sub(kept_back).min(FAR_OFF),
            of_caller: true,
        }
    }

    /// The deadline of the call that this task serves; `None` outside of one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|deadline| *deadline).ok()
    }

    /// What is left; zero when it is over.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether a caller chose it: then exceeding it says nothing about the server that was called.
    #[must_use]
    pub fn is_of_caller(self) -> bool {
        self.of_caller
    }

    /// Whether no more time is left than a server keeps back for its answer.
    #[must_use]
    pub fn is_near(self) -> bool {
        self.remaining() <= MAX_KEPT_BACK
    }

    /// Makes this the current deadline of `work`; for tasks that a handler spawns.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Makes this the current deadline while `poll` runs.
    pub(crate) fn enter<T>(self, poll: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, poll)
    }
}
