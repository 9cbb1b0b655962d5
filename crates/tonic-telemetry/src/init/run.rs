use std::{future::pending, time::Duration};

use listener::StopSignals;
use tokio::time::timeout;

use super::{InitError, Options, Telemetry};

/// A server in `main` that has the same grace ends by itself.
const MARGIN: Duration = Duration::from_secs(1);

impl Options {
    /// Runs a program with telemetry: [`init`](Self::init), `main`, and [`Telemetry::shutdown`] with `grace`
    /// however `main` ends. So no `?` in it loses spans.
    ///
    /// SIGTERM and Ctrl-C end it too: `main` then has [the grace of these options](Self::grace) and a second, or until
    /// the next signal. If it has not ended by then it is dropped, which ends the spans of its calls, and the default is
    /// returned.
    ///
    /// ```no_run
    /// # use std::{error::Error, time::Duration};
    /// #[tokio::main]
    /// async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    ///     let telemetry = tonic_telemetry::Options::new("shop");
    ///     telemetry.run(Duration::from_secs(5), async |telemetry| {
    ///         // … connect, serve …
    /// # drop(telemetry.tracer());
    ///         Ok(())
    ///     }).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// That of `main`, or [`InitError`]. Spans that are lost at the end are a log line, and no error.
    pub async fn run<T: Default, E>(
        self,
        grace: Duration,
        main: impl AsyncFnOnce(&Telemetry) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<InitError>,
    {
        let patience = self.grace + MARGIN;
        let telemetry = self.init()?;
        let result = tokio::select! {
            ended = main(&telemetry) => ended,
            () = asked_to_end(patience) => {
                tracing::warn!("the program was asked to end, and did not within its grace");
                Ok(T::default())
            }
        };
        drop(telemetry.shutdown(grace).await);
        result
    }
}

/// Completes so long after the first signal that asks the process to end, or at the second one.
async fn asked_to_end(patience: Duration) {
    let Ok(mut signals) = StopSignals::new() else {
        return pending().await; // The process ends as one without handlers does.
    };
    signals.next().await;
    drop(timeout(patience, signals.next()).await);
}
