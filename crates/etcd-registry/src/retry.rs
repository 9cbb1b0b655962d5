use std::time::Duration;

use tokio::time::{Instant, sleep};

use tonic_resilience::errors::with_causes;

use crate::error::EtcdError;

/// The wait after the first failure, and the longest one.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How often something failed since it last went well, and the one log line about it.
#[derive(Debug)]
pub(crate) struct Retry {
    /// What does not hold while it fails, as `not registered`.
    lack: &'static str,
    wait: Duration,
    failing_since: Option<Instant>,
}

impl Retry {
    pub(crate) fn new(lack: &'static str) -> Self {
        Self {
            lack,
            wait: BACKOFF.0,
            failing_since: None,
        }
    }

    /// Logs the first failure as a warning and the others at `debug`, then waits: 100 ms, and twice
    /// as long each time, to 2 s, less up to a half.
    pub(crate) async fn failed(&mut self, name: &str, error: &EtcdError) {
        let error = with_causes(error);
        if self.failing_since.is_none() {
            self.failing_since = Some(Instant::now());
            tracing::warn!(name, error, "{}: etcd is asked again and again", self.lack);
        } else {
            tracing::debug!(name, error, "{}", self.lack);
        }
        sleep(self.wait.mul_f64(rand::random_range(0.5..=1.0))).await;
        self.wait = (self.wait * 2).min(BACKOFF.1);
    }

    /// Forgets the failures; returns for how long there were any.
    pub(crate) fn succeeded(&mut self) -> Duration {
        self.wait = BACKOFF.0;
        let since = self.failing_since.take();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
