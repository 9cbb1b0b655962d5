//! Ended spans wait here for the exporter, and the ledger counts every one of them.
//!
//! ```text
//!  span ends ──► SpanQueue ──► Queue (bounded) ──► Worker (own thread) ──► Exporter ──► collector
//!                               │ full: dropped      │ retries, gives up
//!                               ▼                    ▼
//!                 Ledger: started = exported + failed + dropped + queued
//! ```
//!
//! The request path pays for one push under a mutex: of bytes where spans go to a collector by gRPC
//! ([`EncodedSpans`](crate::export::EncodedSpans)), else of the items themselves ([`Items`]). Whatever
//! the collector does (absent, hung, slow, refusing), it can only fill the queue, and a full queue
//! drops the newest spans. Spans and log records use the same code; only the [`Worker`] retries.
//!
//! # How large the queue is
//!
//! Spans a second × seconds: of the outage to survive, of the pause before the next attempt (2.4 s at
//! the longest), and of the wait for a full batch before it (0.5 s). The user service ends four spans
//! a call, the others two or three; at 100 calls a second a restart of the collector that takes 10 s
//! needs 4 × 100 × 12.9 = 5,160. The default of `OTEL_BSP_MAX_QUEUE_SIZE` is 8,192, about 3 MiB when it
//! is full and nothing when idle.

mod exporter;
mod ledger;
mod limits;
mod metrics;
mod processor;
mod shutdown;
mod store;
#[cfg(test)]
mod tests;
mod thread;
mod worker;
#[cfg(test)]
mod worker_tests;

pub(crate) use exporter::{BatchResult, ExportResult, Exporter};
pub use ledger::Ledger;
pub(crate) use limits::Limits;
pub(crate) use metrics::{LedgerMetrics, MetricNames};
pub(crate) use processor::{SpanQueue, SpanSink};
pub(crate) use store::{Items, Store};
pub(crate) use thread::ExportThread;
pub(crate) use worker::{RetryPolicy, Worker};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A queue with a bound, whose [`Ledger`] balances at any instant.
///
/// One mutex guards the items and the counts, so that a reading never falls between two of them.
/// It is held for a push, for the swap of a batch and for a reading: never while anything is sent.
pub(crate) struct Queue<S> {
    state: Mutex<State<S>>,
    limits: Limits,
    /// Wakes the worker: something came into the empty queue, a batch is full, or it is closed.
    wake: Notify,
}

struct State<S> {
    waiting: S,
    in_flight: u64,
    started: u64,
    exported: u64,
    failed: BTreeMap<&'static str, u64>,
    dropped: BTreeMap<&'static str, u64>,
    /// Why nothing is accepted any more.
    closed: Option<&'static str>,
}

impl<S: Store> Queue<S> {
    /// Makes an empty queue. It takes memory only when it is used.
    pub(crate) fn new(limits: Limits) -> Self {
        let state = State {
            waiting: S::new(limits.batch),
            in_flight: 0,
            started: 0,
            exported: 0,
            failed: BTreeMap::new(),
            dropped: BTreeMap::new(),
            closed: None,
        };
        Self {
            state: Mutex::new(state),
            limits,
            wake: Notify::new(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes an item, or counts it as dropped where there is no room. Never waits.
    pub(crate) fn push(&self, item: S::Item<'_>) {
        let mut state = self.lock();
        state.started += 1;
        let queued = state.waiting.len() as u64 + state.in_flight;
        if let Some(reason) = state.closed {
            *state.dropped.entry(reason).or_default() += 1;
        } else if queued >= self.limits.queue as u64 {
            *state.dropped.entry("queue_full").or_default() += 1;
        } else {
            state.waiting.push(item);
            let length = state.waiting.len();
            drop(state);
            if length == 1 || length == self.limits.batch {
                self.wake.notify_one();
            }
        }
    }

    /// Moves at most one batch out of the queue; `None` where the queue is empty. Its items stay
    /// queued until they are settled.
    pub(crate) fn take(&self) -> Option<S::Batch> {
        let mut state = self.lock();
        let (batch, count) = state.waiting.take();
        state.in_flight = count as u64;
        (count > 0).then_some(batch)
    }

    /// Counts the batch that was taken last.
    pub(crate) fn settle(&self, result: BatchResult) {
        let mut state = self.lock();
        let count = std::mem::take(&mut state.in_flight);
        match result {
            BatchResult::Exported { rejected } => {
                let rejected = rejected.min(count);
                state.exported += count - rejected;
                if rejected > 0 {
                    *state.failed.entry("rejected").or_default() += rejected;
                }
            }
            // `in_flight` is zero where the queue was abandoned before the answer came.
            BatchResult::Failed { reason } if count > 0 => {
                *state.failed.entry(reason).or_default() += count;
            }
            BatchResult::Failed { .. } => {}
        }
    }

    /// Accepts nothing more; what comes later counts as dropped.
    pub(crate) fn close(&self) {
        self.lock().closed.get_or_insert("already_shutdown");
        self.wake.notify_one();
    }

    /// Gives up everything that is queued, and counts it as dropped.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.closed.get_or_insert("already_shutdown");
        let lost = state.waiting.len() as u64 + std::mem::take(&mut state.in_flight);
        let empty = S::new(self.limits.batch);
        let items = std::mem::replace(&mut state.waiting, empty);
        if lost > 0 {
            *state.dropped.entry("shutdown").or_default() += lost;
        }
        drop(state);
        // Freed without the lock: eight thousand spans take a while.
        drop(items);
    }

    /// Waits until something is in the queue, or it is closed.
    pub(crate) async fn filled(&self) {
        self.wait(|state| state.waiting.len() > 0).await;
    }

    /// Waits until a whole batch is in the queue, or it is closed.
    pub(crate) async fn batch_full(&self) {
        self.wait(|state| state.waiting.len() >= self.limits.batch)
            .await;
    }

    async fn wait(&self, ready: impl Fn(&State<S>) -> bool) {
        loop {
            // If `push` has left a permit, `notified` returns at once, and `ready` is checked
            // again: no wake-up is lost, and a stale one costs one more check.
            let notified = self.wake.notified();
            {
                let state = self.lock();
                if state.closed.is_some() || ready(&state) {
                    return;
                }
            }
            notified.await;
        }
    }

    /// The counts at this instant.
    pub(crate) fn ledger(&self) -> Ledger {
        let state = self.lock();
        Ledger {
            started: state.started,
            exported: state.exported,
            failed: state.failed.clone(),
            dropped: state.dropped.clone(),
            queued: state.waiting.len() as u64 + state.in_flight,
            capacity: self.limits.queue as u64,
            live: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        // Nothing panics while the lock is held; if it did, the counts would still be numbers.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Store> fmt::Debug for Queue<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Queue")
            .field("ledger", &self.ledger())
            .finish_non_exhaustive()
    }
}
