use std::sync::Arc;

use http::Uri;
use opentelemetry::KeyValue;

use crate::{
    conventions::{SERVER_ADDRESS, SERVER_PORT},
    metrics::SubjectPeer,
};

/// The server that a client calls, as it is configured: a name stays a name, not its address.
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
    /// A server with a port; one without, as a socket path, is written field by field.
    #[must_use]
    pub fn new(name: impl Into<String>, address: impl Into<String>, port: u16) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            port: Some(port),
        }
    }

    /// The server of a URL; without a port in it, that of its scheme.
    #[must_use]
    pub fn at(name: impl Into<String>, url: &Uri) -> Self {
        let scheme = match url.scheme_str() {
            Some("https") => Some(443),
            Some("http") => Some(80),
            _ => None,
        };
        let host = url.host().unwrap_or_default();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        Self {
            name: name.into(),
            address: host.to_owned(),
            port: url.port_u16().or(scheme),
        }
    }

    /// What the labels of metrics say of it.
    pub(super) fn subject(&self) -> SubjectPeer {
        SubjectPeer {
            name: self.name.clone(),
            address: self.address.clone(),
            port: self.port.map(|port| port.to_string()).unwrap_or_default(),
        }
    }

    /// The span attributes, in a form whose copies share the text.
    pub(super) fn attributes(self) -> Vec<KeyValue> {
        let address = KeyValue::new(SERVER_ADDRESS, Arc::<str>::from(self.address));
        let port = self
            .port
            .map(|port| KeyValue::new(SERVER_PORT, i64::from(port)));
        [address].into_iter().chain(port).collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Peer;

    #[rstest]
    #[case::port("http://user:50052", "user", Some(50052))]
    #[case::http("http://10.0.0.1", "10.0.0.1", Some(80))]
    #[case::https("https://user.example", "user.example", Some(443))]
    #[case::ipv6("http://[::1]:50052", "::1", Some(50052))]
    #[case::no_url("/run/user.sock", "", None)]
    fn a_url_has_an_address_and_a_port(
        #[case] url: &str,
        #[case] address: &str,
        #[case] port: Option<u16>,
    ) {
        let peer = Peer::at("user", &url.parse().expect("a URI"));
        assert_eq!((peer.address.as_str(), peer.port), (address, port));
    }
}
