use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{connect::Connected, pool::Pool};
use crate::client::target::Authority;

/// The server is probed when a call has no answer for so long; a healthy one answers the probe.
const PROBE_AFTER: Duration = Duration::from_millis(250);

/// How long a connection beyond the first may lie unused.
const UNUSED_TIMEOUT: Duration = Duration::from_secs(30);

/// One server, with the connections to it.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) pool: Pool,
    condition: AtomicU8,
    /// Notified when a call failed or is slow: the server should be probed.
    pub(super) probe_requested: Notify,
    /// The credit of the server under the weighted policy, which picks the server with most credit.
    pub(super) credit: AtomicI64,
}

/// Whether a server takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Condition {
    /// Not known yet.
    Connecting,
    /// Takes calls.
    Healthy,
    /// Was healthy and answers no probe: takes calls where no other is healthy.
    Unresponsive,
    /// Takes no calls until it answers a probe.
    Ejected,
}

impl Endpoint {
    pub(super) fn new(pool: Pool) -> Self {
        Self {
            pool,
            condition: AtomicU8::new(Condition::Connecting as u8),
            probe_requested: Notify::new(),
            credit: AtomicI64::new(0),
        }
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.pool.authority
    }

    /// A free stream of a connection; `None` when there is none.
    pub(super) fn take(self: &Arc<Self>) -> Option<(Stream, Connected)> {
        let (connection, channel) = self.pool.take()?;
        let endpoint = Arc::clone(self);
        Some((
            Stream {
                endpoint,
                connection,
            },
            channel,
        ))
    }

    /// Closes unused connections again and again; never returns.
    pub(super) async fn close_unused(&self) {
        loop {
            sleep(UNUSED_TIMEOUT).await;
            self.pool.close_unused();
        }
    }

    /// Waits for an answer without a time limit; requests a probe of the server when it is slow.
    pub(super) async fn probe_when_slow<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        if let Ok(answer) = timeout(PROBE_AFTER, answer.as_mut()).await {
            return answer;
        }
        self.probe_requested.notify_one();
        answer.await
    }

    pub(super) fn condition(&self) -> Condition {
        match self.condition.load(Ordering::Acquire) {
            condition if condition == Condition::Healthy as u8 => Condition::Healthy,
            condition if condition == Condition::Unresponsive as u8 => Condition::Unresponsive,
            condition if condition == Condition::Ejected as u8 => Condition::Ejected,
            _ => Condition::Connecting,
        }
    }

    /// Sets the condition; returns whether it changed.
    pub(super) fn set(&self, condition: Condition) -> bool {
        let before = self.condition.swap(condition as u8, Ordering::AcqRel);
        let changed = before != condition as u8;
        if changed {
            tracing::info!(server = %self.authority(), ?condition, "server health changed");
        }
        changed
    }
}

/// A stream on one connection of an endpoint; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) endpoint: Arc<Endpoint>,
    connection: usize,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.endpoint.pool.give_back(self.connection);
    }
}
