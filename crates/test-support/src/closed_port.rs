use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port where nobody listens, and nobody else can as long as this is held: a port that is merely
/// free is soon that of another test.
#[derive(Debug)]
pub struct ClosedPort {
    /// `127.0.0.1:PORT`.
    pub address: String,
    _bound: TcpSocket,
}

impl ClosedPort {
    /// Takes a free port.
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(any).expect("a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self {
            address: address.to_string(),
            _bound: socket,
        }
    }
}

impl Default for ClosedPort {
    fn default() -> Self {
        Self::new()
    }
}
