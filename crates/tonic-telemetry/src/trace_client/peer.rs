use std::sync::Arc;

use opentelemetry::KeyValue;

use crate::conventions::{SERVER_ADDRESS, SERVER_PORT};

/// Whom a client calls, as it is configured: not the address that a name happens to resolve to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The value of the metric label `target`, as `user`.
    pub name: String,
    /// The span attribute `server.address`: a name, an IP address or a socket path.
    pub address: String,
    /// The span attribute `server.port`; `None` if the target has none.
    pub port: Option<u16>,
}

impl Peer {
    /// The span attributes, in a form whose copies share the text.
    pub(super) fn attributes(self) -> Vec<KeyValue> {
        let address = KeyValue::new(SERVER_ADDRESS, Arc::<str>::from(self.address));
        let port = self
            .port
            .map(|port| KeyValue::new(SERVER_PORT, i64::from(port)));
        [address].into_iter().chain(port).collect()
    }
}
