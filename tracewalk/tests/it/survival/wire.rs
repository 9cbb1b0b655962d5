//! Calls as frames: a caller without timers, which leaves when the test says so.

use std::{future::poll_fn, net::SocketAddr};

use h2::{
    Reason, SendStream,
    client::{ResponseFuture, SendRequest},
};
use hyper::{HeaderMap, Request, body::Bytes};
use tokio::net::TcpStream;

/// A method of the gateway, and a framed message for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    path: &'static str,
    message: &'static [u8],
}

/// Reads the user `1`.
pub(crate) const GET_USER: Call = Call {
    path: "/tracewalk.gateway.v1.GatewayService/GetUser",
    message: b"\0\0\0\0\x03\x0a\x011",
};

/// Follows the user `1` for a hundred updates, one a minute.
pub(crate) const WATCH_USER: Call = Call {
    path: "/tracewalk.gateway.v1.GatewayService/WatchUser",
    message: b"\0\0\0\0\x09\x0a\x011\x10\x64\x1a\x02\x08\x3c",
};

/// Looks the user `1` up.
pub(crate) const LOOKUP_USERS: Call = Call {
    path: "/tracewalk.gateway.v1.GatewayService/LookupUsers",
    message: b"\0\0\0\0\x03\x0a\x011",
};

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Wire(SendRequest<Bytes>);

/// A call that has no answer yet.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) answer: ResponseFuture,
    body: SendStream<Bytes>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, &h2::client::Builder::new()).await
    }

    pub(crate) async fn connect_with(address: SocketAddr, builder: &h2::client::Builder) -> Self {
        let stream = TcpStream::connect(address).await.expect("a listener");
        let (client, connection) = builder.handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        Self(client)
    }

    /// Sends a request with one message.
    pub(crate) async fn begin(&self, call: Call, metadata: &[(&str, &str)]) -> Begun {
        let mut begun = self.open(call, metadata).await;
        begun
            .body
            .send_data(Bytes::from_static(call.message), true)
            .expect("an open stream");
        begun
    }

    /// Sends the head of a request, and no message yet.
    pub(crate) async fn open(&self, call: Call, metadata: &[(&str, &str)]) -> Begun {
        let mut request = Request::post(format!("http://gateway{}", call.path))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in metadata {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("a well-formed request");
        let mut client = self.0.clone().ready().await.expect("an open connection");
        let (answer, body) = client.send_request(request, false).expect("it is ready");
        Begun { answer, body }
    }

    /// The gRPC status of a call that is refused, which comes in the headers, and those.
    pub(crate) async fn refusal(&self, call: Call, metadata: &[(&str, &str)]) -> HeaderMap {
        let begun = self.begin(call, metadata).await;
        let answer = begun.answer.await.expect("an answer");
        answer.headers().clone()
    }
}

impl Begun {
    /// Sends bytes as fast as there is room for them, and reads nothing.
    pub(crate) async fn send(&mut self, mut bytes: Bytes) {
        while !bytes.is_empty() {
            self.body.reserve_capacity(bytes.len());
            let granted = poll_fn(|cx| self.body.poll_capacity(cx)).await;
            let granted = granted.expect("an open stream").expect("a connection");
            let part = bytes.split_to(granted.min(bytes.len()));
            self.body.send_data(part, false).expect("an open stream");
        }
    }

    /// Leaves: a reset with the code `CANCEL`.
    pub(crate) fn cancel(mut self) {
        self.body.send_reset(Reason::CANCEL);
    }
}
