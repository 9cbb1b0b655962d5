//! What a server is told before it serves.

use std::time::Duration;

use super::Server;
#[cfg(feature = "tls")]
use crate::tls::Tls;

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
}
