use std::{fmt, sync::Arc};

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

/// The service that a certificate was made for: who is at the other end of a connection.
///
/// The server puts it into the extensions of each request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerIdentity(Arc<str>);

impl PeerIdentity {
    /// The identity of a service, by its name.
    #[must_use]
    pub fn new(service: &str) -> Self {
        Self(service.into())
    }

    /// The name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.0
    }

    /// The one DNS name in a verified certificate; `None` when it has several or none, as it then
    /// does not name one service.
    pub(super) fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(chain.first()?).ok()?;
        let names = certificate.subject_alternative_name().ok()??;
        let mut dns = names
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(*name),
                _ => None,
            });
        match (dns.next(), dns.next()) {
            (Some(name), None) => Some(Self::new(name)),
            _ => None,
        }
    }
}

impl fmt::Display for PeerIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
