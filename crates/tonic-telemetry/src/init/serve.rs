use std::{error::Error, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use listener::serve_with_grace;
use tonic::{body::Body, service::Routes, transport::server::Router};
use tower_layer::Layer;
use tower_service::Service;

use super::{ShutdownError, Telemetry};

/// For spans that are queued when the last call has ended.
const EXPORT_GRACE: Duration = Duration::from_secs(5);

/// Why a server, or the telemetry after it, did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The server could not listen, or a signal handler could not be installed.
    #[error("cannot serve at {address}")]
    Server {
        /// Where it should listen.
        address: SocketAddr,
        /// Of tonic, or of the operating system.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The last spans did not arrive.
    #[error(transparent)]
    Shutdown(#[from] ShutdownError),
}

impl Telemetry {
    /// Serves until SIGTERM or Ctrl-C, in place of [`Router::serve`]: then takes no new calls, waits
    /// `grace` for those in flight, and [shuts down](Self::shutdown) within 5 s, also after an error of the server.
    ///
    /// ```no_run
    /// # use std::{error::Error, time::Duration};
    /// use tonic::transport::Server;
    /// use tonic_telemetry::Methods;
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), Box<dyn Error>> {
    ///     let telemetry = tonic_telemetry::init("your_service")?;
    ///     let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
    ///     let (_reporter, service) = tonic_health::server::health_reporter();
    ///     let server = Server::builder().layer(telemetry.server_layer(&methods)).add_service(service);
    ///     telemetry.serve(server, "127.0.0.1:50061".parse()?, Duration::from_secs(10)).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the server; else [`ShutdownError`] where spans are lost at the end.
    pub async fn serve<L, B>(
        self,
        server: Router<L>,
        address: SocketAddr,
        grace: Duration,
    ) -> Result<(), ServeError>
    where
        L: Layer<Routes>,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send,
        <L::Service as Service<Request<Body>>>::Error: Into<Box<dyn Error + Send + Sync>> + Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let all_calls_ended =
            serve_with_grace(grace, |stop| server.serve_with_shutdown(address, stop)).await;
        if let Ok(false) = all_calls_ended {
            tracing::warn!("calls were cut: they took more than the grace");
        }
        // A log line tells of lost spans, too: the error of the server is the one to return.
        let ended = self.shutdown(EXPORT_GRACE).await;
        all_calls_ended.map_err(|source| ServeError::Server { address, source })?;
        ended?;
        Ok(())
    }
}
