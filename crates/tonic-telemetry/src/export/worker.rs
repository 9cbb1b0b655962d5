use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::closing::Closings;
use super::{Destination, Outcome, Queue, Verdict};

/// How long the worker tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Longest wait for the answer to one attempt.
    pub(crate) attempt: Duration,
    /// Pause after a first failure; doubled by each further one.
    pub(crate) first_pause: Duration,
    /// Longest pause between two attempts, unless the collector asks for more.
    pub(crate) longest_pause: Duration,
}

impl Pace {
    /// Longest pause that a collector can ask for: one that is misconfigured is found again.
    const LONGEST_WAIT: Duration = Duration::from_hours(1);

    /// Retries at most two seconds apart.
    pub(crate) fn patient(attempt: Duration) -> Self {
        Self {
            attempt,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(2),
        }
    }
}

/// Sends what is in a queue, one batch after the other.
pub(crate) struct Worker<T, D> {
    queue: Arc<Queue<T>>,
    destination: D,
    pace: Pace,
    closings: Closings,
    /// The collector does not take anything, and a log line said so.
    failing: bool,
}

impl<T, D: Destination<T>> Worker<T, D> {
    pub(crate) fn new(
        queue: Arc<Queue<T>>,
        destination: D,
        pace: Pace,
        closings: Closings,
    ) -> Self {
        Self {
            queue,
            destination,
            pace,
            closings,
            failing: false,
        }
    }

    /// Sends until the queue is closed and empty, or until a shutdown gives up.
    pub(crate) async fn run(mut self) {
        while let Some(items) = self.next_batch().await {
            let batch = self.destination.prepare(items);
            let Some(verdict) = self.deliver(&batch).await else {
                break;
            };
            self.queue.settle(verdict);
            self.report(verdict);
        }
        self.queue.abandon();
    }

    /// Waits for a batch to become full or old. `None` once the queue is closed and empty.
    async fn next_batch(&self) -> Option<Vec<T>> {
        self.queue.filled().await;
        // Whichever comes first.
        let _ = timeout(self.queue.limits().delay, self.queue.batch_full()).await;
        Some(self.queue.take()).filter(|items| !items.is_empty())
    }

    /// Tries until the batch is delivered, refused or too old; `None` where a shutdown gave up.
    ///
    /// The time that a collector asks to wait does not make a batch older: while it is throttled,
    /// what is too much fills the queue and is counted there.
    async fn deliver(&mut self, batch: &D::Batch) -> Option<Verdict> {
        let mut until = Instant::now() + self.queue.limits().retry;
        let mut pause = self.pace.first_pause;
        loop {
            let (reason, wait) = match self.attempt(batch).await? {
                Outcome::Delivered { rejected } => {
                    self.closings.note_progress();
                    return Some(Verdict::Delivered { rejected });
                }
                Outcome::Refused { reason } => return Some(Verdict::Failed { reason }),
                Outcome::Unavailable { reason, wait } => (reason, wait.unwrap_or_default()),
            };
            let wait = wait.min(Pace::LONGEST_WAIT);
            until += wait;
            // Spread, so that a collector that comes back does not meet everybody at once.
            let next = wait + pause.mul_f64(rand::random_range(0.8..1.2));
            if Instant::now() + next > until {
                return Some(Verdict::Failed { reason });
            }
            self.warn_once(reason);
            self.pause(next).await?;
            pause = (pause * 2).min(self.pace.longest_pause);
        }
    }

    async fn attempt(&mut self, batch: &D::Batch) -> Option<Outcome> {
        let late = Outcome::Unavailable {
            reason: "DEADLINE_EXCEEDED",
            wait: None,
        };
        tokio::select! {
            outcome = timeout(self.pace.attempt, self.destination.send(batch)) => {
                Some(outcome.unwrap_or(late))
            }
            () = self.closings.hung() => None,
        }
    }

    async fn pause(&self, pause: Duration) -> Option<()> {
        tokio::select! {
            () = self.closings.pause(pause) => Some(()),
            () = self.closings.refused() => None,
        }
    }

    fn report(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Delivered { .. } => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the collector takes telemetry again");
                }
            }
            Verdict::Failed { reason } => self.warn_once(reason),
        }
    }

    /// Logs one line an outage: the ledger has the figures.
    fn warn_once(&mut self, reason: &'static str) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(reason, "the collector does not take telemetry");
        }
    }
}
