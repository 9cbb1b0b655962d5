use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::net::TcpStream;

use crate::span;

/// The address of the server at the other end of a connection, once it is connected.
///
/// Not the host name of the target: a name may stand for many servers, and for others tomorrow.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer(Arc<Mutex<Option<Address>>>);

/// Kept in the form of the span attributes, so that all calls share the text.
#[derive(Clone, Debug, PartialEq)]
struct Address {
    ip: Arc<str>,
    port: u16,
}

impl Peer {
    /// Remembers the address of a connection that was just made.
    pub(super) fn note(&self, connection: &impl Socket) {
        let address = connection.peer().map(|address| Address {
            ip: address.ip().to_canonical().to_string().into(),
            port: address.port(),
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// Sets the address on the spans of the attempt and of the call: the last attempt counts.
    pub(super) fn record(&self, call: Option<&span::Call>) {
        let address = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(Address { ip, port }) = address else {
            return;
        };
        if let Some(call) = call {
            call.attribute("network.peer.address", Arc::clone(&ip));
            call.attribute("network.peer.port", i64::from(port));
        }
        span::attribute("network.peer.address", ip);
        span::attribute("network.peer.port", i64::from(port));
    }

    /// Whether the address is known.
    pub(super) fn is_known(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

/// A connection over TCP, with TLS or without.
pub(super) trait Socket {
    /// The address at its other end.
    fn peer(&self) -> Option<SocketAddr>;
}

impl Socket for TcpStream {
    fn peer(&self) -> Option<SocketAddr> {
        self.peer_addr().ok()
    }
}

#[cfg(feature = "tls")]
impl Socket for tokio_rustls::client::TlsStream<TcpStream> {
    fn peer(&self) -> Option<SocketAddr> {
        self.get_ref().0.peer()
    }
}
