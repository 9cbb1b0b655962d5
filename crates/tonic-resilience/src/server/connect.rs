use std::{convert::Infallible, io, time::Duration};

use futures_util::FutureExt as _;
use http::{Extensions, Request};
use hyper::service::service_fn;
use listener::{Addresses, Handler, RequestBody};
use tokio::net::TcpStream;
use tonic::{body::Body, transport::server::TcpConnectInfo};
use tower::ServiceExt;

use super::{Encryption, caller_body::CallerBody};
use crate::stack::{Stack, answer};

/// Plain, or encrypted.
#[cfg(feature = "tls")]
type Io = tokio_util::either::Either<TcpStream, tokio_rustls::server::TlsStream<TcpStream>>;
#[cfg(not(feature = "tls"))]
type Io = TcpStream;

/// Turns a TCP connection, after a TLS handshake if there is TLS, into the stream to read
/// requests from and the service that answers them.
pub(super) async fn connect<S: Stack>(
    stream: TcpStream,
    addresses: Addresses,
    stack: S,
    encryption: Encryption,
    timeout: Duration,
) -> io::Result<(Io, impl Handler)> {
    let mut caller = Extensions::new();
    // `tonic::Request::remote_addr` reads this extension.
    caller.insert(TcpConnectInfo {
        local_addr: addresses.local,
        remote_addr: addresses.peer,
    });
    let stream = encryption.accept(stream, timeout, &mut caller).await;
    let stream = stream.inspect_err(|error| {
        tracing::info!(peer = ?addresses.peer, %error, "TLS handshake failed");
    })?;
    Ok((stream, answering(stack, caller)))
}

impl Encryption {
    /// Encrypts a connection, and adds who the certificate at its other end was made for.
    #[cfg(feature = "tls")]
    async fn accept(
        self,
        stream: TcpStream,
        timeout: Duration,
        caller: &mut Extensions,
    ) -> io::Result<Io> {
        let Some(tls) = self.tls else {
            return Ok(Io::Left(stream));
        };
        let (stream, peer) = tls.accept(stream, timeout).await?;
        if let Some(peer) = peer {
            caller.insert(peer);
        }
        Ok(Io::Right(stream))
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with `tls` it has the certificates")]
    fn accept(
        self,
        stream: TcpStream,
        _: Duration,
        _: &mut Extensions,
    ) -> impl Future<Output = io::Result<Io>> + use<> {
        std::future::ready(Ok(stream))
    }
}

/// Adapts the stack to hyper, and puts the caller into the extensions of each request.
fn answering<S: Stack>(stack: S, caller: Extensions) -> impl Handler {
    service_fn(move |request: Request<RequestBody>| {
        let mut request = request.map(|body| Body::new(CallerBody::new(body)));
        request.extensions_mut().extend(caller.clone());
        let call = stack.clone().oneshot(request);
        // An async block would have room for the call twice.
        call.map(|result| Ok::<_, Infallible>(answer(result)))
    })
}
