//! Calls of the gateway, as the bytes that a client sends.

use hyper::HeaderMap;

use crate::support::{Open, Wire};

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

impl Call {
    /// Sends a request with its message.
    pub(crate) async fn begin(self, wire: &Wire, metadata: &[(&str, &str)]) -> Open {
        let mut open = self.open(wire, metadata).await;
        open.send(self.message);
        open.finish();
        open
    }

    /// Sends the head of a request, and no message yet.
    pub(crate) async fn open(self, wire: &Wire, metadata: &[(&str, &str)]) -> Open {
        let metadata = [&[("te", "trailers")], metadata].concat();
        wire.open(self.path, &metadata).await
    }

    /// The headers of an answer that refuses the call.
    pub(crate) async fn refusal(self, wire: &Wire, metadata: &[(&str, &str)]) -> HeaderMap {
        let open = self.begin(wire, metadata).await;
        let answer = open.answer.await.expect("an answer");
        answer.headers().clone()
    }
}
