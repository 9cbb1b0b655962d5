use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::shutdown::ShutdownSignal;
use super::{BatchResult, ExportResult, Exporter, Queue, Store};

/// How long the worker tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// Longest wait for the answer to one attempt.
    pub(crate) attempt: Duration,
    /// Pause after a first failure; doubled by each further one.
    pub(crate) initial_backoff: Duration,
    /// Longest pause between two attempts, unless the collector asks for more.
    pub(crate) max_backoff: Duration,
}

impl RetryPolicy {
    /// Longest pause that a collector can ask for: a misconfigured collector may ask for days.
    const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

    /// Retries at most two seconds apart.
    pub(crate) fn with_timeout(attempt: Duration) -> Self {
        Self {
            attempt,
            initial_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
        }
    }
}

/// Sends what is in a queue, one batch after the other.
pub(crate) struct Worker<S, D> {
    queue: Arc<Queue<S>>,
    exporter: D,
    retry: RetryPolicy,
    shutdown: ShutdownSignal,
    /// Where the collector is, for log lines.
    endpoint: String,
    /// The collector does not take anything, and a log line said so.
    failing: bool,
}

impl<S: Store, D: Exporter<S::Batch>> Worker<S, D> {
    pub(crate) fn new(
        queue: Arc<Queue<S>>,
        exporter: D,
        retry: RetryPolicy,
        shutdown: ShutdownSignal,
        endpoint: String,
    ) -> Self {
        Self {
            queue,
            exporter,
            retry,
            shutdown,
            endpoint,
            failing: false,
        }
    }

    /// Sends until the queue is closed and empty, or until a shutdown gives up.
    pub(crate) async fn run(mut self) {
        while let Some(batch) = self.next_batch().await {
            let batch = self.exporter.prepare(batch);
            let Some(result) = self.deliver(&batch).await else {
                break;
            };
            self.queue.settle(result);
            self.report(result);
        }
        self.queue.abandon();
    }

    /// Waits for a batch to become full or old. `None` once the queue is closed and empty.
    async fn next_batch(&self) -> Option<S::Batch> {
        self.queue.filled().await;
        // Whichever comes first.
        let _ = timeout(self.queue.limits().delay, self.queue.batch_full()).await;
        self.queue.take()
    }

    /// Tries until the batch is delivered, refused or too old; `None` where a shutdown gave up.
    ///
    /// A wait that the collector asks for does not make a batch older: while the collector
    /// throttles, the queue fills up, and what does not fit is counted there.
    async fn deliver(&mut self, batch: &D::Prepared) -> Option<BatchResult> {
        let mut until = Instant::now() + self.queue.limits().retry;
        let mut pause = self.retry.initial_backoff;
        loop {
            let (reason, wait) = match self.attempt(batch).await? {
                ExportResult::Exported { rejected } => {
                    self.shutdown.note_progress();
                    return Some(BatchResult::Exported { rejected });
                }
                ExportResult::Failed { reason } => return Some(BatchResult::Failed { reason }),
                ExportResult::Retryable { reason, wait } => (reason, wait.unwrap_or_default()),
            };
            let wait = wait.min(RetryPolicy::MAX_WAIT);
            until += wait;
            // Jitter: when a collector comes back, not all services must send at once.
            let next = wait + pause.mul_f64(rand::random_range(0.8..1.2));
            if Instant::now() + next > until {
                return Some(BatchResult::Failed { reason });
            }
            self.warn_once(reason);
            self.pause(next).await?;
            pause = (pause * 2).min(self.retry.max_backoff);
        }
    }

    async fn attempt(&mut self, batch: &D::Prepared) -> Option<ExportResult> {
        let late = ExportResult::Retryable {
            reason: "DEADLINE_EXCEEDED",
            wait: None,
        };
        tokio::select! {
            result = timeout(self.retry.attempt, self.exporter.send(batch)) => {
                Some(result.unwrap_or(late))
            }
            () = self.shutdown.hung() => None,
        }
    }

    async fn pause(&self, pause: Duration) -> Option<()> {
        tokio::select! {
            () = self.shutdown.pause(pause) => Some(()),
            () = self.shutdown.refused() => None,
        }
    }

    fn report(&mut self, result: BatchResult) {
        match result {
            BatchResult::Exported { .. } => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!(
                        endpoint = self.endpoint,
                        "the collector takes telemetry again"
                    );
                }
            }
            BatchResult::Failed { reason } => self.warn_once(reason),
        }
    }

    /// Logs one line an outage: the ledger has the figures.
    fn warn_once(&mut self, reason: &'static str) {
        if !std::mem::replace(&mut self.failing, true) {
            let endpoint = self.endpoint.as_str();
            tracing::warn!(reason, endpoint, "the collector does not take telemetry");
        }
    }
}
