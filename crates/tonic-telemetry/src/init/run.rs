use std::time::Duration;

use super::{InitError, Options, Telemetry};

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
    /// That of `main`, or [`InitError`]. Spans that are lost at the end are a log line, and no error.
    pub async fn run<T, E>(
        self,
        grace: Duration,
        main: impl AsyncFnOnce(&Telemetry) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<InitError>,
    {
        let telemetry = self.init()?;
        let result = main(&telemetry).await;
        drop(telemetry.shutdown(grace).await);
        result
    }
}
