use std::{convert::Infallible, io, time::Duration};

use http::Request;
use hyper::service::service_fn;
use listener::{Addresses, Handler, RequestBody};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tonic::{body::Body, transport::server::TcpConnectInfo};
use tower::ServiceExt;

use super::caller_body::CallerBody;
use crate::{
    stack::{Stack, answer},
    tls::{PeerIdentity, Tls},
};

/// Plain, or encrypted.
type Io = Either<TcpStream, TlsStream<TcpStream>>;

/// Turns a TCP connection, after a TLS handshake if there is `tls`, into the stream to read
/// requests from and the service that answers them.
pub(super) async fn connect<S: Stack>(
    stream: TcpStream,
    addresses: Addresses,
    stack: S,
    tls: Option<Tls>,
    timeout: Duration,
) -> io::Result<(Io, impl Handler)> {
    let Some(tls) = tls else {
        return Ok((Either::Left(stream), answering(stack, addresses, None)));
    };
    match tls.accept(stream, timeout).await {
        Ok((stream, peer)) => Ok((Either::Right(stream), answering(stack, addresses, peer))),
        Err(error) => {
            tracing::info!(peer = ?addresses.peer, %error, "TLS handshake failed");
            Err(error)
        }
    }
}

/// Adapts the stack to hyper, and puts the caller into the extensions of each request.
fn answering<S: Stack>(stack: S, addresses: Addresses, peer: Option<PeerIdentity>) -> impl Handler {
    // `tonic::Request::remote_addr` reads this extension.
    let address = TcpConnectInfo {
        local_addr: addresses.local,
        remote_addr: addresses.peer,
    };
    service_fn(move |request: Request<RequestBody>| {
        let mut request = request.map(|body| Body::new(CallerBody::new(body)));
        let extensions = request.extensions_mut();
        extensions.insert(address.clone());
        if let Some(peer) = &peer {
            extensions.insert(peer.clone());
        }
        let call = stack.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer(call.await)) }
    })
}
