use std::{convert::Infallible, pin::pin};

use http::Request;
use hyper::{
    body::Incoming,
    rt,
    server::conn::http2,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, transport::server::TcpConnectInfo};
use tower::ServiceExt;

use super::{Server, calls::Calls, handshake::HandshakeTimeout};
use crate::stack::{Stack, answer};

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
    pub(super) peer: TcpConnectInfo,
}

impl Connection {
    /// Serves from the handshake to the end of the last call; how many calls were cut.
    pub(super) async fn serve<I, S>(self, io: I, stack: S) -> usize
    where
        I: AsyncRead + AsyncWrite + Send + 'static,
        S: Stack,
    {
        let calls = Calls::default();
        let io = Box::pin(HandshakeTimeout::new(io, self.limits.handshake_timeout));
        let service = answering(stack, self.peer.clone());
        let http2 = self
            .http2(&calls)
            .serve_connection(TokioIo::new(io), service);
        // The connection is dropped there: calls that are cut learn of it from that.
        let served = self.drive(http2, &calls).await;
        let cut = if served.is_none() { calls.open() } else { 0 };
        if let Some(Err(error)) = served {
            tracing::debug!(peer = ?self.peer.remote_addr, %error, "connection failed");
        }
        calls.finished().await;
        cut
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
    peer: TcpConnectInfo,
) -> impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> {
    service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        // Where `tonic::Request::remote_addr` looks.
        request.extensions_mut().insert(peer.clone());
        let call = stack.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer(call.await)) }
    })
}
