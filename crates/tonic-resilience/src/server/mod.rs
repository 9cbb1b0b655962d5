//! Serves a tower stack over HTTP/2: the [`listener`]'s loop and limits, with TLS and health.
//!
//! ```text
//! listener ─► accept loop ─► TLS ─► HTTP/2 ─► one task a call ─► your stack
//! shutdown: NOT_SERVING ─► listener closed ─► GOAWAY ─► calls finish ─► grace over: cut
//! ```

mod caller_body;
mod connect;
pub mod health;
pub mod layers;
pub mod principal;
mod settings;

#[cfg(test)]
mod tests;

pub use listener::{Drained, stop_signal};

use std::io;

use listener::{Protocol, Settings, connections_within};
use tokio::net::TcpListener;

use self::connect::connect;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::{server::health::Health, stack::Stack};

/// The limits of a server; [`serve`](Server::serve) runs it.
///
/// ```
/// # use tokio::net::TcpListener;
/// # use tonic_resilience::server::{health::Health, Drained, Server};
/// # async fn run(listener: TcpListener) -> Result<Drained, Box<dyn std::error::Error>> {
/// let (health, service) = Health::new(&[]);
/// let stack = tower::ServiceBuilder::new().service(tonic::service::Routes::new(service));
/// let stop = tonic_resilience::server::stop_signal()?;
/// Ok(Server::default().serve(listener, stack, health, stop).await?)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    settings: Settings,
    encryption: Encryption,
}

/// How the connections of a server are encrypted.
#[derive(Clone, Debug, Default)]
struct Encryption {
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// Why a server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener has no address: its socket is broken.
    #[error("cannot read the address of the listener")]
    Listener(#[source] io::Error),
}

impl Default for Server {
    fn default() -> Self {
        let settings = Settings {
            protocol: Protocol::Http2,
            max_connections: connections_within(1024, 2),
            // A call may stream for an hour: its deadline bounds it.
            body_timeout: None,
            ..Settings::default()
        };
        Self {
            settings,
            encryption: Encryption::default(),
        }
    }
}

impl Server {
    /// Serves `stack` until `shutdown` resolves, then drains; returns within the grace.
    ///
    /// An error of the stack becomes the gRPC status that it stands for.
    ///
    /// # Errors
    ///
    /// [`ServeError::Listener`] before the first connection; errors of connections are logged at
    /// debug level and end that connection alone.
    pub async fn serve(
        self,
        listener: TcpListener,
        stack: impl Stack,
        health: Health,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Drained, ServeError> {
        listener.local_addr().map_err(ServeError::Listener)?;
        let timeout = self.settings.handshake_timeout;
        let encryption = self.encryption;
        let connect = move |stream, addresses| {
            connect(
                stream,
                addresses,
                stack.clone(),
                encryption.clone(),
                timeout,
            )
        };
        let shutdown = async {
            shutdown.await;
            health.drain();
        };
        let drained = listener::serve(listener, self.settings, connect, shutdown).await;
        let Drained {
            aborted_calls,
            took,
        } = drained;
        tracing::info!(aborted_calls, took_ms = took.as_millis(), "drained");
        Ok(drained)
    }
}
