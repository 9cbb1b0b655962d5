//! Serves a tower stack over HTTP/2: an accept loop with limits, and a drain that ends.
//!
//! ```text
//! listener ─► accept loop ─► connection task ─► one task a call ─► your stack
//!               cap            handshake, idle and keepalive timers
//! shutdown: NOT_SERVING ─► listener closed ─► GOAWAY ─► calls finish ─► grace over: cut
//! ```

mod accept;
mod caller_body;
mod calls;
mod connection;
mod connections;
mod handshake;

#[cfg(test)]
mod tests;

use std::{io, time::Duration};

use tokio::net::TcpListener;

use self::connections::Connections;
use crate::{health::Health, stack::Stack, tls::Tls};

/// The limits of a server; [`serve`](Server::serve) runs it.
///
/// ```
/// # use tokio::net::TcpListener;
/// # use transport::{health::Health, server::{Drained, ServeError, Server}};
/// # async fn run(listener: TcpListener) -> Result<Drained, ServeError> {
/// let (health, service) = Health::new(&[]);
/// let stack = tower::ServiceBuilder::new().service(tonic::service::Routes::new(service));
/// let stop = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
/// Server::default().serve(listener, stack, health, stop).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    grace: Duration,
    max_connections: usize,
    handshake_timeout: Duration,
    idle_timeout: Duration,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
    max_concurrent_streams: u32,
    max_header_list_size: u32,
    tls: Option<Tls>,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Calls that were cut because the grace was over.
    pub aborted_calls: usize,
    /// How long it took, from the shutdown signal.
    pub took: Duration,
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
        Self {
            grace: Duration::from_secs(10),
            max_connections: 1024,
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_mins(5),
            keepalive_interval: Duration::from_secs(10),
            keepalive_timeout: Duration::from_secs(5),
            max_concurrent_streams: 256,
            max_header_list_size: 64 * 1024,
            tls: None,
        }
    }
}

impl Server {
    /// Longest time from the shutdown signal to the end of the last call; default 10 s.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Most connections at a time; one more is closed at once. Default 1024.
    #[must_use]
    pub fn max_connections(mut self, limit: usize) -> Self {
        self.max_connections = limit;
        self
    }

    /// Longest time from a new connection to its HTTP/2 preface; default 5 s.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// A connection without calls is closed after this time to twice this time; default 5 min.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Time between two pings, and how long an answer may take; default 10 s and 5 s.
    ///
    /// A peer that does not answer is gone, and its calls are cancelled.
    #[must_use]
    pub fn keepalive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.keepalive_interval = interval;
        self.keepalive_timeout = timeout;
        self
    }

    /// Most calls at a time on one connection; default 256. More wait at the client.
    #[must_use]
    pub fn max_concurrent_streams(mut self, limit: u32) -> Self {
        self.max_concurrent_streams = limit;
        self
    }

    /// Most bytes of headers of one call, as HTTP/2 counts them; default 64 KiB.
    ///
    /// The HTTP/2 library answers a call beyond it with a bare 431.
    #[must_use]
    pub fn max_header_list_size(mut self, bytes: u32) -> Self {
        self.max_header_list_size = bytes;
        self
    }

    /// Speaks mutual TLS; default plain TCP.
    ///
    /// The handshake must end within the handshake timeout, too.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
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
        let connections = Connections::new(self);
        tokio::select! {
            () = accept::accept(&listener, &connections, stack) => {}
            () = shutdown => {}
        }
        health.drain();
        drop(listener);
        Ok(connections.drain().await)
    }
}
