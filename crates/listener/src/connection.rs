use std::{convert::Infallible, io as std_io, net::SocketAddr, pin::pin, sync::Arc};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulConnection},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Handler, Protocol, RequestBody, STREAM_WINDOW, Settings,
    activity::{Activity, Call},
    calls::{Calls, ResponseBody},
    io::BoundedIo,
};

/// One connection, with its settings and what ends it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) settings: Arc<Settings>,
    pub(crate) activity: Arc<Activity>,
    /// Ends it after its calls.
    pub(crate) drain: CancellationToken,
    pub(crate) peer: SocketAddr,
}

impl Connection {
    /// Serves from the handshake to the end of the last call.
    pub(crate) async fn serve<F, I, H>(self, connecting: F)
    where
        F: Future<Output = std_io::Result<(I, H)>> + Send,
        I: AsyncRead + AsyncWrite + Send + 'static,
        H: Handler,
    {
        let connected = tokio::select! {
            connected = timeout(self.settings.handshake_timeout, connecting) => connected,
            () = self.drain.cancelled() => return,
            () = self.activity.cut.cancelled() => return,
        };
        let peer = self.peer;
        match connected.unwrap_or_else(|_| Err(std_io::ErrorKind::TimedOut.into())) {
            Ok((io, handler)) => self.serve_http(io, handler).await,
            Err(error) => tracing::debug!(%peer, %error, "handshake failed"),
        }
    }

    async fn serve_http<I, H>(self, io: I, handler: H)
    where
        I: AsyncRead + AsyncWrite + Send + 'static,
        H: Handler,
    {
        let calls = Calls::new(self.settings.write_timeout);
        let io = BoundedIo::new(
            io,
            self.settings.handshake_timeout,
            self.settings.write_timeout,
        );
        let builder = self.http(&calls);
        let http = builder.serve_connection(TokioIo::new(Box::pin(io)), self.counting(handler));
        // `drive` drops the connection, which ends the calls that are cut.
        if let Some(Err(error)) = self.drive(http).await {
            tracing::debug!(peer = %self.peer, %error, "connection failed");
        }
        calls.finished().await;
    }

    /// Polls the connection to its end, and tells it when to drain; `None` when it is cut.
    async fn drive<H: GracefulConnection>(&self, http: H) -> Option<Result<(), H::Error>> {
        let mut http = pin!(http);
        let mut draining = false;
        let idle_timeout = self.settings.idle_timeout;
        let mut idle_check = Instant::now() + idle_timeout;
        loop {
            tokio::select! {
                end = http.as_mut() => return Some(end),
                () = self.activity.cut.cancelled() => return None,
                () = self.drain.cancelled(), if !draining => draining = true,
                () = sleep_until(idle_check), if !draining => {
                    match self.activity.idle_check(idle_timeout) {
                        Some(next) => idle_check = next,
                        None => draining = true,
                    }
                }
            }
            if draining {
                // HTTP/2: two GOAWAY frames, so that calls that were on their way are answered.
                http.as_mut().graceful_shutdown();
            }
        }
    }

    fn http(&self, calls: &Calls) -> auto::Builder<Calls> {
        let settings = &self.settings;
        let mut builder = auto::Builder::new(calls.clone());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(settings.header_timeout)
            .max_buf_size(settings.max_header_bytes as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(settings.keepalive_interval)
            .keep_alive_timeout(settings.keepalive_timeout)
            .max_concurrent_streams(settings.max_concurrent_streams)
            .max_pending_accept_reset_streams(settings.max_pending_resets)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(settings.connection_window())
            .max_send_buf_size(STREAM_WINDOW as usize)
            .max_header_list_size(settings.max_header_bytes);
        match settings.protocol {
            Protocol::Http1 => builder.http1_only(),
            Protocol::Http2 => builder.http2_only(),
            Protocol::Both => builder,
        }
    }

    /// Counts the calls of the handler, and bounds the bodies of both directions.
    fn counting<H: Handler>(
        &self,
        handler: H,
    ) -> impl Service<
        Request<Incoming>,
        Response = Response<ResponseBody<H::Body>>,
        Error = Infallible,
        Future: Send + 'static,
    > + use<H> {
        let activity = Arc::clone(&self.activity);
        let body_timeout = self.settings.body_timeout;
        service_fn(move |request: Request<Incoming>| {
            let counted = Call::begin(&activity);
            let request = request.map(|body| RequestBody::new(body, body_timeout));
            // Boxed, because it is large, and hyper and the runtime move it a dozen times.
            let answer = Box::pin(handler.call(request));
            async move {
                let Ok(answer) = answer.await;
                Ok(answer.map(|body| ResponseBody::new(body, counted)))
            }
        })
    }
}
