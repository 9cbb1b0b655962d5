use std::{io, time::Duration};

use tokio::net::{TcpListener, TcpStream};
use tonic::transport::server::TcpConnectInfo;

use super::connections::Connections;
use crate::stack::Stack;

/// Pause after an error such as EMFILE, which the next `accept` would meet at once again.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts for ever: no error of a connection or of the process ends the loop.
pub(super) async fn accept<S: Stack>(listener: &TcpListener, connections: &Connections, stack: S) {
    loop {
        match listener.accept().await {
            Ok((_, peer)) if connections.is_full() => {
                tracing::debug!(%peer, "too many connections, one is refused");
            }
            Ok((stream, _)) => open(stream, connections, stack.clone()),
            Err(error) if is_of_one_connection(&error) => {
                tracing::debug!(%error, "a connection ended before it was accepted");
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections, trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn open<S: Stack>(stream: TcpStream, connections: &Connections, stack: S) {
    let address = TcpConnectInfo {
        local_addr: stream.local_addr().ok(),
        remote_addr: stream.peer_addr().ok(),
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(?address, %error, "cannot set TCP_NODELAY");
    }
    connections.spawn(stream, address, stack);
}

/// Whether the error says something of one connection rather than of the process.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
