use std::time::Duration;

use super::{InitError, Options, ShutdownError, Telemetry};

impl Options {
    /// Runs a program with telemetry: [`init`](Self::init), `main`, and [`Telemetry::shutdown`] with `grace`
    /// however `main` ends. So no `?` in it loses spans.
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
    /// That of `main`; else [`InitError`] or [`ShutdownError`].
    pub async fn run<T, E>(
        self,
        grace: Duration,
        main: impl AsyncFnOnce(&Telemetry) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<InitError> + From<ShutdownError>,
    {
        let telemetry = self.init()?;
        let result = main(&telemetry).await;
        // A log line tells of lost spans, too: the error of `main` is the one to return.
        let ended = telemetry.shutdown(grace).await;
        result.and_then(|value| Ok(ended.map(|_| value)?))
    }
}
