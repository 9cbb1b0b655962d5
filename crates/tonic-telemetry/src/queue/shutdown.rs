use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// A shutdown: when it was asked for, and when it must be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shutdown {
    asked: Instant,
    deadline: Instant,
}

impl Shutdown {
    /// A shutdown that begins at this moment and must be over after `grace`.
    pub(crate) fn within(grace: Duration) -> Self {
        let asked = Instant::now();
        Self {
            asked,
            deadline: asked + grace,
        }
    }
}

/// Knows whether a shutdown was asked for, and when it has lasted long enough.
///
/// Its futures are pending until a shutdown is asked for.
#[derive(Debug)]
pub(crate) struct ShutdownSignal {
    receiver: watch::Receiver<Option<Shutdown>>,
    /// When the collector last took a batch.
    progress: Instant,
}

impl ShutdownSignal {
    /// How long a worker goes on that is dropped and not shut down.
    const DROPPED: Duration = Duration::from_secs(2);

    /// In a shutdown, how long an attempt may hang before everything is given up.
    const HANGING: Duration = Duration::from_secs(5);

    /// In a shutdown, how long a collector may refuse before everything is given up.
    const REFUSING: Duration = Duration::from_secs(1);

    /// In a shutdown, the longest pause between two attempts.
    const PAUSE: Duration = Duration::from_millis(100);

    pub(crate) fn new(receiver: watch::Receiver<Option<Shutdown>>) -> Self {
        Self {
            receiver,
            progress: Instant::now(),
        }
    }

    /// Notes that the collector took a batch, which gives the next one the whole time again.
    pub(crate) fn note_progress(&mut self) {
        self.progress = Instant::now();
    }

    /// Returns when a shutdown has waited long enough for an answer.
    pub(crate) async fn hung(&self) {
        self.over(Self::HANGING).await;
    }

    /// Returns when a shutdown has been refused for long enough.
    pub(crate) async fn refused(&self) {
        self.over(Self::REFUSING).await;
    }

    /// Waits for `pause`, or less where a shutdown is under way.
    pub(crate) async fn pause(&self, pause: Duration) {
        let hurry = async {
            self.request().await;
            sleep(Self::PAUSE).await;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = hurry => {}
        }
    }

    async fn over(&self, max_wait: Duration) {
        let closing = self.request().await;
        let since = closing.asked.max(self.progress);
        sleep_until(closing.deadline.min(since + max_wait)).await;
    }

    async fn request(&self) -> Shutdown {
        match self.receiver.clone().wait_for(Option::is_some).await {
            Ok(closing) => closing.expect("`wait_for` returns what its condition accepted"),
            Err(_) => Shutdown::within(Self::DROPPED),
        }
    }
}
