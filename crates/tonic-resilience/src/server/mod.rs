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

#[cfg(test)]
mod tests;

pub use listener::{Drained, stop_signal};

use std::{io, time::Duration};

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
    /// Longest time from the shutdown signal to the end of the last call; default 10 s.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Most connections at a time; default 1024, and at most half of the files that this process
    /// may open. One more takes the place of the one that has been idle for longest, or is closed.
    #[must_use]
    pub fn max_connections(mut self, limit: usize) -> Self {
        self.settings.max_connections = limit;
        self
    }

    /// Longest time from a new connection to its HTTP/2 preface; default 5 s. A TLS handshake has
    /// the same time before that.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.settings.handshake_timeout = timeout;
        self
    }

    /// A connection without calls is closed after this time; default 5 min.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.settings.idle_timeout = timeout;
        self
    }

    /// Time between two pings, and how long an answer may take; default 10 s and 5 s.
    ///
    /// A peer that does not answer is gone, and its calls are cancelled.
    #[must_use]
    pub fn keepalive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.settings.keepalive_interval = interval;
        self.settings.keepalive_timeout = timeout;
        self
    }

    /// Most calls at a time on one connection; default 256. More wait at the client.
    ///
    /// Set it above the server's own limit of calls, if there is one: calls beyond that limit
    /// should be refused instead of waiting.
    #[must_use]
    pub fn max_concurrent_streams(mut self, limit: u32) -> Self {
        self.settings.max_concurrent_streams = limit;
        self
    }

    /// Most calls of a connection that were reset before they could begin; default 20. One more closes
    /// the connection.
    ///
    /// A peer that calls for many callers needs more: they may all cancel at once, and one of them
    /// could have the connection of all closed.
    #[must_use]
    pub fn max_pending_resets(mut self, limit: usize) -> Self {
        self.settings.max_pending_resets = limit;
        self
    }

    /// Most bytes of headers of one call, as HTTP/2 counts them; default 64 KiB.
    ///
    /// The HTTP/2 library answers a call beyond it with a bare 431.
    #[must_use]
    pub fn max_header_list_size(mut self, bytes: u32) -> Self {
        self.settings.max_header_bytes = bytes;
        self
    }

    /// Longest time without the peer's taking any of an answer; default 30 s. Its stream is reset.
    #[must_use]
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.settings.write_timeout = timeout;
        self
    }

    /// Speaks mutual TLS; default plain TCP.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.encryption.tls = Some(tls);
        self
    }

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
