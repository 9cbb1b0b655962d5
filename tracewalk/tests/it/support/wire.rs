//! Calls as HTTP/2 streams, whose bytes and whose end the test chooses: a client without timers.

use std::{future::poll_fn, net::SocketAddr};

use h2::{
    Reason, SendStream,
    client::{ResponseFuture, SendRequest},
};
use hyper::{HeaderMap, Method, Request, body::Bytes};
use tokio::{net::TcpStream, task::AbortHandle};
use tonic::Status;
use tonic_types::StatusExt as _;

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    client: SendRequest<Bytes>,
    connection: AbortHandle,
}

/// A call that goes on.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) answer: ResponseFuture,
    body: SendStream<Bytes>,
}

/// How a call ended: the HTTP status, the gRPC status, which is empty without one, and the reason
/// in its details.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) http: u16,
    pub(crate) code: String,
    pub(crate) reason: String,
    /// Whether the details name the trace.
    pub(crate) names_its_trace: bool,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, &h2::client::Builder::new()).await
    }

    pub(crate) async fn connect_with(address: SocketAddr, builder: &h2::client::Builder) -> Self {
        let stream = TcpStream::connect(address).await.expect("a listener");
        let (client, connection) = builder.handshake(stream).await.expect("HTTP/2");
        let connection = tokio::spawn(async {
            // It may end in any way: the calls say how.
            let _ = connection.await;
        });
        Self {
            client,
            connection: connection.abort_handle(),
        }
    }

    /// Opens a `POST` of gRPC.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Open {
        self.open_as(Method::POST, "application/grpc", path, headers)
            .await
    }

    pub(crate) async fn open_as(
        &self,
        method: Method,
        content_type: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Open {
        let mut request = Request::builder().method(method);
        for (name, value) in [("content-type", content_type)].iter().chain(headers) {
            request = request.header(*name, *value);
        }
        let request = request.uri(format!("http://hop{path}")).body(());
        let mut client = self.client.clone().ready().await.expect("a connection");
        let request = request.expect("well formed");
        let (answer, body) = client.send_request(request, false).expect("it is ready");
        Open { answer, body }
    }

    /// Closes the socket, with all that goes on.
    pub(crate) fn cut(self) {
        self.connection.abort();
    }
}

impl Open {
    pub(crate) fn send(&mut self, bytes: impl Into<Bytes>) {
        // The server may have ended the call before it has all of it.
        let _ = self.body.send_data(bytes.into(), false);
    }

    /// Sends bytes as fast as there is room for them, and reads nothing.
    pub(crate) async fn send_all(&mut self, mut bytes: Bytes) {
        while !bytes.is_empty() {
            self.body.reserve_capacity(bytes.len());
            let granted = poll_fn(|cx| self.body.poll_capacity(cx)).await;
            let granted = granted.expect("an open stream").expect("a connection");
            let part = bytes.split_to(granted.min(bytes.len()));
            self.body.send_data(part, false).expect("an open stream");
        }
    }

    /// Sends no more.
    pub(crate) fn finish(&mut self) {
        let _ = self.body.send_data(Bytes::new(), true);
    }

    /// Sends no more, and says so in trailers.
    pub(crate) fn finish_with_trailers(&mut self) {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-last", "1".parse().expect("a value"));
        let _ = self.body.send_trailers(trailers);
    }

    pub(crate) fn reset(mut self, reason: Reason) {
        self.body.send_reset(reason);
    }

    /// Leaves: a reset with the code `CANCEL`.
    pub(crate) fn cancel(self) {
        self.reset(Reason::CANCEL);
    }

    /// Reads to the end; the server may reset a request that it does not want to the end of.
    pub(crate) async fn end(self) -> End {
        let answer = self.answer.await.expect("an answer");
        let http = answer.status().as_u16();
        if answer.headers().contains_key("grpc-status") {
            return End::of(http, answer.headers());
        }
        let mut body = answer.into_body();
        while let Some(data) = body.data().await {
            let length = data.expect("a whole answer").len();
            let released = body.flow_control().release_capacity(length);
            released.expect("what was received");
        }
        let trailers = body.trailers().await.expect("a whole answer");
        End::of(http, &trailers.unwrap_or_default())
    }
}

impl End {
    fn of(http: u16, headers: &HeaderMap) -> Self {
        let status = Status::from_header_map(headers);
        let code = status.as_ref().map(|status| i32::from(status.code()));
        let details = status.map(|status| status.get_error_details());
        let info = details.as_ref().and_then(|details| details.error_info());
        let request = details.as_ref().and_then(|details| details.request_info());
        Self {
            http,
            code: code.map(|code| code.to_string()).unwrap_or_default(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            names_its_trace: request.is_some_and(|request| request.request_id.len() == 32),
        }
    }
}
