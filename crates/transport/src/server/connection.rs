use std::{convert::Infallible, io, pin::pin};

use http::Request;
use hyper::{
    body::Incoming,
    rt,
    server::conn::http2,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{body::Body, transport::server::TcpConnectInfo};
use tower::ServiceExt;

use super::{Server, caller_body::CallerBody, calls::Calls, handshake::HandshakeTimeout};
use crate::{
    stack::{Stack, answer},
    tls::PeerIdentity,
};

/// The two ways to end connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    /// Each after its calls.
    pub(super) drain: CancellationToken,
    /// All at once.
    pub(super) cut: CancellationToken,
}

/// One connection: what it obeys, and who is at its other end.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) limits: Server,
    pub(super) stop: Stop,
    /// The calls of every connection of the server.
    pub(super) calls: TaskTracker,
    pub(super) peer: Peer,
}

/// Who is at the other end: each request gets both in its extensions.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: TcpConnectInfo,
    /// Of its certificate, with TLS.
    pub(super) identity: Option<PeerIdentity>,
}

impl Connection {
    /// Serves from the handshakes to the end of the last call.
    pub(super) async fn serve(mut self, stream: TcpStream, stack: impl Stack) {
        let Some(tls) = self.limits.tls.clone() else {
            return self.serve_http2(stream, stack).await;
        };
        let accepted = tokio::select! {
            accepted = timeout(self.limits.handshake_timeout, tls.accept(stream)) => accepted,
            () = self.stop.drain.cancelled() => return,
        };
        match accepted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok((stream, identity)) => {
                self.peer.identity = identity;
                self.serve_http2(stream, stack).await;
            }
            Err(error) => {
                let peer = self.peer.address.remote_addr;
                tracing::info!(?peer, %error, "TLS handshake failed");
            }
        }
    }

    async fn serve_http2<I, S>(self, io: I, stack: S)
    where
        I: AsyncRead + AsyncWrite + Send + 'static,
        S: Stack,
    {
        let calls = Calls::counted_in(&self.calls);
        let io = Box::pin(HandshakeTimeout::new(io, self.limits.handshake_timeout));
        let service = answering(stack, self.peer.clone());
        let http2 = self
            .http2(&calls)
            .serve_connection(TokioIo::new(io), service);
        // The connection is dropped there: calls that are cut learn of it from that.
        let served = self.drive(http2, &calls).await;
        if let Some(Err(error)) = served {
            tracing::debug!(peer = ?self.peer.address.remote_addr, %error, "connection failed");
        }
        calls.finished().await;
    }

    /// Polls the connection to its end, and tells it when to drain; `None` when it is cut.
    async fn drive<I, S>(
        &self,
        http2: http2::Connection<I, S, Calls>,
        calls: &Calls,
    ) -> Option<hyper::Result<()>>
    where
        I: rt::Read + rt::Write + Unpin,
        S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
        S::Future: Send + 'static,
    {
        let mut http2 = pin!(http2);
        let mut draining = false;
        let mut seen = 0;
        loop {
            tokio::select! {
                end = http2.as_mut() => return Some(end),
                () = self.stop.cut.cancelled() => return None,
                () = self.stop.drain.cancelled(), if !draining => draining = true,
                () = tokio::time::sleep(self.limits.idle_timeout), if !draining => {
                    draining = calls.open() == 0 && calls.started() == seen;
                    seen = calls.started();
                }
            }
            if draining {
                // Two GOAWAY frames: calls that were on their way are still answered.
                http2.as_mut().graceful_shutdown();
            }
        }
    }

    fn http2(&self, calls: &Calls) -> http2::Builder<Calls> {
        let mut builder = http2::Builder::new(calls.clone());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(self.limits.keepalive_interval)
            .keep_alive_timeout(self.limits.keepalive_timeout)
            .max_concurrent_streams(self.limits.max_concurrent_streams)
            .max_header_list_size(self.limits.max_header_list_size);
        builder
    }
}

/// Fits the stack to hyper.
fn answering<S: Stack>(
    stack: S,
    peer: Peer,
) -> impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> {
    service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(CallerBody::new(body)));
        let extensions = request.extensions_mut();
        // Where `tonic::Request::remote_addr` looks.
        extensions.insert(peer.address.clone());
        if let Some(identity) = &peer.identity {
            extensions.insert(identity.clone());
        }
        let call = stack.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer(call.await)) }
    })
}
