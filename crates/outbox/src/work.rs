//! The loop of the relay and of the consumer.

use std::time::Duration;

use opentelemetry::{Context, trace::FutureExt as _};
use tokio::{sync::Notify, time::timeout};

use crate::{Failure, backoff};

/// How often the database is asked while there is nothing to do, for events that other processes
/// have written.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);

/// How long rows belong to whoever has claimed them: after that others may.
pub(crate) const LEASE_MS: i64 = 10_000;

/// Work that comes in rounds.
pub(crate) trait Rounds {
    /// Does what is there to do, and returns when to look again at the latest.
    fn round(&self) -> impl Future<Output = Result<Duration, Failure>> + Send;
}

/// Goes round for ever: at once when woken, and after a pause when a round failed.
pub(crate) async fn run(name: &'static str, wake: &Notify, rounds: impl Rounds) {
    let mut failures = 0;
    loop {
        let pause = match rounds.round().await {
            Ok(pause) => {
                if failures > 0 {
                    tracing::info!(failures, "{name}: goes on");
                }
                failures = 0;
                pause
            }
            Err(failure) => {
                failures += 1;
                // Once: the next ones would say the same.
                if failures == 1 {
                    tracing::warn!(error = failure.kind.as_ref(), "{name}: {failure}");
                }
                tokio::time::sleep(backoff::wait(failures)).await;
                continue;
            }
        };
        // Whether it was woken or the time is over, the next round finds out what there is.
        let _woken = timeout(pause.min(INTERVAL), wake.notified()).await;
    }
}

/// Without spans: for questions to the database that belong to no event.
pub(crate) async fn without_spans<T>(work: impl Future<Output = T>) -> T {
    let cx = Context::new().with_telemetry_suppressed();
    work.with_context(cx).await
}
