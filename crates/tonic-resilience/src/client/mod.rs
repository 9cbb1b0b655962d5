//! A channel to the servers of a target, with the settings that tonic leaves off.
//!
//! By default tonic waits for ever: for a connection, and on a connection whose peer is gone.

pub mod balance;
pub mod fallback;
pub mod layers;
pub mod target;
pub mod upload;

#[cfg(feature = "dns-server")]
use std::io;
use std::time::Duration;

#[cfg(feature = "dns-server")]
use http::Uri;
#[cfg(feature = "dns-server")]
use hyper_util::rt::TokioIo;
use listener::STREAM_WINDOW;
#[cfg(feature = "dns-server")]
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
#[cfg(feature = "dns-server")]
use tower::service_fn;

#[cfg(feature = "dns-server")]
use crate::client::target::DnsQuestion;
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
        #[cfg(feature = "dns-server")]
        Target::DnsServer(question) => asked(question.clone()),
        #[cfg(not(feature = "dns-server"))]
        Target::DnsServer(question) => match question.built {},
        Target::Static(list) if list.len() == 1 => endpoint(&list[0]).connect_lazy(),
        Target::Static(list) => Channel::balance_list(list.iter().map(endpoint)),
    }
}

/// Asks the DNS server at each connect, and connects to the first server that accepts.
#[cfg(feature = "dns-server")]
fn asked(question: DnsQuestion) -> Channel {
    let endpoint = with_settings(question.name());
    let connector = service_fn(move |_: Uri| {
        let answer = balance::dns_server::ask(question.clone());
        async {
            let mut result: io::Result<TcpStream> = Err(io::ErrorKind::NotFound.into());
            for server in answer.await? {
                result = TcpStream::connect(server.address()).await;
                if result.is_ok() {
                    break;
                }
            }
            let stream = result?;
            stream.set_nodelay(true)?;
            io::Result::Ok(TokioIo::new(stream))
        }
    });
    endpoint.connect_with_connector_lazy(connector)
}

pub(crate) fn endpoint(authority: &Authority) -> Endpoint {
    with_settings(&authority.address())
}

fn with_settings(address: &str) -> Endpoint {
    Endpoint::from_shared(format!("http://{address}"))
        .expect("an authority that was parsed makes an address")
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(STREAM_WINDOW * STREAMS)
        .tcp_nodelay(true)
}
