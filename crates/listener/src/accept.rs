use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::{Drained, Handler, Settings, connections::Connections};

/// Pause after an error such as EMFILE, which the next `accept` would meet at once again.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// It doubles with each error, up to this.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addresses {
    /// This end; `None` when the system cannot say.
    pub local: Option<SocketAddr>,
    /// The other end.
    pub peer: Option<SocketAddr>,
}

/// Serves connections within the bounds of `settings` until `shutdown` resolves, then drains them;
/// returns within the grace.
///
/// `connect` turns a TCP connection into the stream to read requests from and the service that
/// answers them: after a handshake, for example. An error of `connect` ends that connection.
pub async fn serve<C, F, I, H>(
    listener: TcpListener,
    settings: Settings,
    connect: C,
    shutdown: impl Future<Output = ()>,
) -> Drained
where
    C: Fn(TcpStream, Addresses) -> F,
    F: Future<Output = io::Result<(I, H)>> + Send + 'static,
    I: AsyncRead + AsyncWrite + Send + 'static,
    H: Handler,
{
    let connections = Connections::new(settings);
    tokio::select! {
        () = accept(&listener, &connections, connect) => {}
        () = shutdown => {}
    }
    drop(listener);
    connections.drain().await
}

/// Accepts for ever: no error of a connection or of the process ends the loop.
async fn accept<C, F, I, H>(listener: &TcpListener, connections: &Connections, connect: C)
where
    C: Fn(TcpStream, Addresses) -> F,
    F: Future<Output = io::Result<(I, H)>> + Send + 'static,
    I: AsyncRead + AsyncWrite + Send + 'static,
    H: Handler,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = FIRST_PAUSE;
                if !connections.make_room() {
                    tracing::debug!(%peer, "too many connections, one is refused");
                    continue;
                }
                let addresses = Addresses {
                    local: stream.local_addr().ok(),
                    peer: Some(peer),
                };
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "cannot set TCP_NODELAY");
                }
                connections.spawn(peer, connect(stream, addresses));
            }
            Err(error) if is_of_one_connection(&error) => {
                tracing::debug!(%error, "a connection ended before it was accepted");
            }
            Err(error) => {
                // Once an episode: a line for each attempt would fill the log.
                if pause == FIRST_PAUSE {
                    tracing::warn!(%error, "cannot accept connections, trying again");
                }
                // The process may be out of file descriptors: closing an idle connection frees one.
                connections.close_idlest();
                sleep(pause).await;
                pause = MAX_PAUSE.min(pause * 2);
            }
        }
    }
}

/// Whether the error is about one connection and not about the process.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
