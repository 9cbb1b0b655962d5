use std::time::Duration;

use crate::connections_within;

/// The bounds of a listener.
///
/// ```
/// use listener::{Protocol, Settings};
///
/// let settings = Settings { protocol: Protocol::Http1, max_connections: 64, ..Settings::default() };
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which HTTP is spoken; default both, as the first bytes of a connection say.
    pub protocol: Protocol,
    /// Most connections at a time; default 256, and at most an eighth of the files that this
    /// process may open.
    ///
    /// One more takes the place of the connection that has been idle for longest, those without a
    /// single request first. Where each has a call, the new one is closed.
    pub max_connections: usize,
    /// Longest time from a new connection to its first request bytes, which for HTTP/2 is the
    /// whole preface; default 5 s. A TLS handshake has the same time before that.
    pub handshake_timeout: Duration,
    /// HTTP/1: longest time for the headers of a request; default 30 s.
    ///
    /// It begins with the connection or after the answer before, so it is the keep-alive timeout
    /// too.
    pub header_timeout: Duration,
    /// Longest time for the whole body of a request, from the moment that it is first read; default
    /// 30 s. Reading fails with [`BodyTimeout`](crate::BodyTimeout) then. `None`: no bound here.
    pub body_timeout: Option<Duration>,
    /// Longest time without the peer's taking any of what is to be written; default 30 s. Ends the
    /// connection where the socket is full, the one stream where its HTTP/2 window is.
    pub write_timeout: Duration,
    /// A connection without calls is closed after this time; default 5 min.
    pub idle_timeout: Duration,
    /// HTTP/2: time between two pings; default 10 s.
    pub keepalive_interval: Duration,
    /// HTTP/2: longest time for the answer to a ping; default 5 s.
    pub keepalive_timeout: Duration,
    /// HTTP/2: most calls at a time on one connection; default 256.
    pub max_concurrent_streams: u32,
    /// HTTP/2: most calls of a connection that were reset before they could begin; default 20. One more
    /// closes the connection: the limit is meant for a peer that does nothing else. Allow more
    /// where one connection carries the calls of many callers.
    pub max_pending_resets: usize,
    /// Most bytes of headers of one request; default 64 KiB. Beyond them the answer is a bare 431.
    pub max_header_bytes: u32,
    /// Longest time from the shutdown signal to the end of the last call; default 10 s.
    pub grace: Duration,
}

/// HTTP/2: most bytes of one call that may lie unread in a process, 64 KiB: the window of its stream.
///
/// The window of a connection is that of all its streams together. With less, a few calls whose
/// messages nobody reads use it up, and all others on the connection stand still.
pub const STREAM_WINDOW: u32 = 64 * 1024;

/// [RFC 9113, 6.9.1](https://www.rfc-editor.org/rfc/rfc9113#section-6.9.1).
const LARGEST_WINDOW: u32 = (1 << 31) - 1;

/// A larger timeout could overflow the clock.
const FAR_OFF: Duration = Duration::from_secs(24 * 365 * 30 * 60 * 60);

impl Settings {
    /// With no time beyond thirty years, so that `Duration::MAX` may stand for "never".
    pub(crate) fn countable(mut self) -> Self {
        for time in [
            &mut self.handshake_timeout,
            &mut self.header_timeout,
            &mut self.write_timeout,
            &mut self.idle_timeout,
            &mut self.keepalive_interval,
            &mut self.keepalive_timeout,
            &mut self.grace,
        ] {
            *time = FAR_OFF.min(*time);
        }
        self.body_timeout = self.body_timeout.map(|time| time.min(FAR_OFF));
        self
    }

    /// HTTP/2: the window of a connection.
    pub(crate) fn connection_window(&self) -> u32 {
        let streams = STREAM_WINDOW.saturating_mul(self.max_concurrent_streams);
        streams.min(LARGEST_WINDOW)
    }
}

/// Which HTTP a listener speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1 alone.
    Http1,
    /// HTTP/2 alone, with prior knowledge.
    Http2,
    /// What the client begins with.
    #[default]
    Both,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            protocol: Protocol::Both,
            max_connections: connections_within(256, 8),
            handshake_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(30),
            body_timeout: Some(Duration::from_secs(30)),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(5 * 60),
            keepalive_interval: Duration::from_secs(10),
            keepalive_timeout: Duration::from_secs(5),
            max_concurrent_streams: 256,
            max_pending_resets: 20,
            max_header_bytes: 64 * 1024,
            grace: Duration::from_secs(10),
        }
    }
}
