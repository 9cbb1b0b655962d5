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

/// A server that is well may take longer than this, and then answers the probe.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long a connection beyond the first may lie unused.
const UNUSED: Duration = Duration::from_secs(30);

/// One server, with the connections to it.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) pool: Pool,
    condition: AtomicU8,
    /// A call met trouble, or waits for long: the server should be probed.
    pub(super) suspected: Notify,
    /// What it is owed by the weighted policy.
    pub(super) credit: AtomicI64,
}

/// Whether a server takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Condition {
    /// Not known yet.
    Connecting,
    /// In.
    Ready,
    /// It was in and says nothing now: in where there is no other.
    Silent,
    /// Out.
    Down,
}

impl Endpoint {
    pub(super) fn new(pool: Pool) -> Self {
        Self {
            pool,
            condition: AtomicU8::new(Condition::Connecting as u8),
            suspected: Notify::new(),
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

    /// Closes the connections that are not needed, for ever.
    pub(super) async fn keep_few(&self) {
        loop {
            sleep(UNUSED).await;
            self.pool.close_unused();
        }
    }

    /// Waits for an answer, however long it takes; the server is probed when that is long.
    pub(super) async fn suspect_slow<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        if let Ok(answer) = timeout(PATIENCE, answer.as_mut()).await {
            return answer;
        }
        self.suspected.notify_one();
        answer.await
    }

    pub(super) fn condition(&self) -> Condition {
        match self.condition.load(Ordering::Acquire) {
            condition if condition == Condition::Ready as u8 => Condition::Ready,
            condition if condition == Condition::Silent as u8 => Condition::Silent,
            condition if condition == Condition::Down as u8 => Condition::Down,
            _ => Condition::Connecting,
        }
    }

    /// Whether that is news.
    pub(super) fn set(&self, condition: Condition) -> bool {
        let before = self.condition.swap(condition as u8, Ordering::AcqRel);
        let changed = before != condition as u8;
        if changed {
            tracing::info!(server = %self.authority(), ?condition, "server");
        }
        changed
    }
}

/// A stream of one of its connections; free again when this is dropped.
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
