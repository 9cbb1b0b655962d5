//! A channel to the servers of a target, with the settings that tonic leaves off.
//!
//! By default tonic waits for ever: for a connection, and on a connection whose peer is gone.

pub mod balance;
pub mod fallback;
pub mod layers;
pub mod target;
pub mod upload;

use std::time::Duration;

use listener::STREAM_WINDOW;
use tonic::transport::{Channel, Endpoint};

use crate::client::target::{Authority, Target};

/// Longest wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Time between two pings of a connection, and how long the answer may take.
///
/// A peer that hangs is found after their sum, also while no call is in flight.
pub const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3));

/// Most calls at a time on one connection, unless the server allows fewer.
///
/// [RFC 9113, 6.5.2](https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2) asks servers for no less.
pub const STREAMS: u32 = 100;

/// A channel to `target`, which connects at the first call.
#[must_use]
pub fn channel(target: &Target) -> Channel {
    match target {
        Target::Dns(name) => endpoint(name).connect_lazy(),
        Target::Static(list) if list.len() == 1 => endpoint(&list[0]).connect_lazy(),
        Target::Static(list) => Channel::balance_list(list.iter().map(endpoint)),
    }
}

pub(crate) fn endpoint(authority: &Authority) -> Endpoint {
    Endpoint::from_shared(format!("http://{}", authority.address()))
        .expect("an authority that was parsed makes an address")
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(STREAM_WINDOW * STREAMS)
        .tcp_nodelay(true)
}
