use std::{error::Error, io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use listener::serve_with_grace;
use tonic::{body::Body, service::Routes, transport::server::Router};
use tower_layer::Layer;
use tower_service::Service;

use super::Telemetry;

/// For spans that are queued when the last call has ended.
const EXPORT_GRACE: Duration = Duration::from_secs(5);

/// Why a server, or the telemetry after it, did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The page of metrics could not be opened.
    #[error(
        "cannot serve metrics at {host}:{port}, where OTEL_EXPORTER_PROMETHEUS_HOST and \
         OTEL_EXPORTER_PROMETHEUS_PORT say, by default 127.0.0.1 and 9464: {source}"
    )]
    Page {
        /// A name or an address of this machine.
        host: String,
        /// Where it should listen.
        port: u16,
        /// Of the operating system.
        source: io::Error,
    },
    /// The server could not listen, or a signal handler could not be installed.
    #[error("cannot serve at {address}: {source}")]
    Server {
        /// Where it should listen.
        address: SocketAddr,
        /// Of tonic, or of the operating system.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Telemetry {
    /// Serves until SIGTERM or Ctrl-C, in place of [`Router::serve`]: then takes no new calls, waits
    /// [a grace](crate::Options::grace) of 10 s for those in flight, and [shuts down](Self::shutdown) within 5 s, also
    /// after an error of the server.
    ///
    /// Meanwhile [the pages of operators](crate::admin) are at `OTEL_EXPORTER_PROMETHEUS_HOST`, by default 127.0.0.1, and
    /// `OTEL_EXPORTER_PROMETHEUS_PORT`, by default 9464; the service is ready until the signal.
    /// `OTEL_METRICS_EXPORTER=none` and [`Options::without_metrics_page`](crate::Options::without_metrics_page) leave them out.
    ///
    /// ```no_run
    /// # use std::error::Error;
    /// #[tokio::main]
    /// async fn main() -> Result<(), Box<dyn Error>> {
    ///     let telemetry = tonic_telemetry::init("your_service")?;
    ///     let (_reporter, service) = tonic_health::server::health_reporter();
    ///     let server = telemetry.server().add_service(service);
    ///     telemetry.serve(server, "127.0.0.1:50061".parse()?).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the page or the server. Spans that are lost at the end are a log line, and no error.
    pub async fn serve<L, B>(self, server: Router<L>, address: SocketAddr) -> Result<(), ServeError>
    where
        L: Layer<Routes>,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send,
        <L::Service as Service<Request<Body>>>::Error: Into<Box<dyn Error + Send + Sync>> + Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let calls = async {
            let page = self.open_page().await?;
            let serve = serve_with_grace(self.grace, |stop| {
                let stop = async {
                    stop.await;
                    // A load balancer that asks `/readyz` sends no further calls.
                    page.as_ref().map(|ready| ready.send_replace(false));
                };
                server.serve_with_shutdown(address, stop)
            });
            let ended = serve.await;
            ended.map_err(|source| ServeError::Server { address, source })
        };
        let all_calls_ended = calls.await;
        match &all_calls_ended {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "calls were cut: they took more than the grace, and their spans are not exported"
            ),
            // `main` prints the debug form of an error.
            Err(error) => tracing::error!("{error}"),
        }
        // Spans that are lost are a log line, and no failure of the service.
        drop(self.shutdown(EXPORT_GRACE).await);
        all_calls_ended.map(drop)
    }
}
