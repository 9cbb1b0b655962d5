use std::{
    pin::pin,
    sync::atomic::{AtomicI64, AtomicU8, AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use tonic::transport::Channel;

use crate::target::Authority;

/// A server that is well may take longer than this, and then answers the probe.
const PATIENCE: Duration = Duration::from_millis(250);

/// One server, with the one connection to it.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) authority: Authority,
    pub(super) channel: Channel,
    condition: AtomicU8,
    /// A call met trouble, or waits for long: the server should be probed.
    pub(super) suspected: Notify,
    /// Calls that have not ended.
    pub(super) running: AtomicUsize,
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
    pub(super) fn new(authority: Authority, channel: Channel) -> Self {
        Self {
            authority,
            channel,
            condition: AtomicU8::new(Condition::Connecting as u8),
            suspected: Notify::new(),
            running: AtomicUsize::new(0),
            credit: AtomicI64::new(0),
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
            tracing::info!(server = %self.authority, ?condition, "server");
        }
        changed
    }
}
