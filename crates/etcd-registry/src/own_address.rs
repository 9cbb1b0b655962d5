use std::{io, net::SocketAddr};

use tokio::net::{UdpSocket, lookup_host};
use tonic_resilience::client::target::Authority;

/// Where a server can be reached that listens on `listen`: if that is all addresses, on the one
/// from which this machine reaches `peer`. Sends nothing.
pub(crate) async fn own_address(listen: SocketAddr, peer: &Authority) -> io::Result<SocketAddr> {
    if !listen.ip().is_unspecified() {
        return Ok(listen);
    }
    let mut failure = io::ErrorKind::AddrNotAvailable.into();
    for peer in lookup_host(peer.address()).await? {
        let any: SocketAddr = match peer {
            SocketAddr::V4(_) => ([0; 4], 0).into(),
            SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        match socket.connect(peer).await {
            Ok(()) => return Ok((socket.local_addr()?.ip(), listen.port()).into()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_on_all_addresses_registers_the_one_that_reaches_etcd() {
        let etcd = "127.0.0.1:2379".parse().expect("a member");
        for (listen, own) in [
            ("0.0.0.0:50052", "127.0.0.1:50052"),
            ("10.1.2.3:50052", "10.1.2.3:50052"),
        ] {
            let listen = listen.parse().expect("an address");
            let found = own_address(listen, &etcd).await.expect("an address");
            assert_eq!(found.to_string(), own);
        }
    }
}
