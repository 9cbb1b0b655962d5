use tonic::transport::Channel;

use crate::{client, target::Authority, tls::Tls};

/// How a connection to one server is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Connect {
    /// With TLS, and the name of the service that the servers must prove to be.
    pub(super) tls: Option<(Tls, String)>,
}

impl Connect {
    /// A channel that connects at its first call, and again when the connection was lost.
    pub(super) fn to(&self, authority: &Authority) -> Channel {
        let endpoint = client::endpoint(authority);
        match &self.tls {
            Some((tls, service)) => endpoint.connect_with_connector_lazy(tls.connector(service)),
            None => endpoint.connect_lazy(),
        }
    }
}
