use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore, ServerConfig,
    client::{Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, UnixTime, pem},
    server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier},
    version::TLS13,
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The TLS configurations, made from one version of the files.
#[derive(Debug)]
pub(super) struct Configs {
    pub(super) server: Arc<ServerConfig>,
    pub(super) client: Arc<ClientConfig>,
    pub(super) leaf_not_after: i64,
    pub(super) ca_not_after: i64,
}

/// Why certificate files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not PEM, or not of the kind that its name says.
    #[error("{file} is not PEM of the right kind")]
    Pem {
        /// Which of the files.
        file: &'static str,
        /// What is wrong.
        #[source]
        error: pem::Error,
    },
    /// There is no certificate, or one that cannot be read.
    #[error("{0} has no certificate that can be read")]
    NoCertificate(&'static str),
    /// The service's name is no DNS name.
    #[error("the service has no DNS name")]
    Name(#[from] InvalidDnsNameError),
    /// The authority's certificate cannot be used to check others.
    #[error("the authority cannot be used")]
    Authority(#[from] VerifierBuilderError),
    /// The certificate is not the key's, not signed, not valid or not for this service.
    #[error("the certificate cannot be used")]
    Certificate(#[from] rustls::Error),
}

impl Configs {
    /// Makes the configurations, if the other services would accept the certificate.
    pub(super) fn parse(
        ca: &[u8],
        chain: &[u8],
        key: &[u8],
        service: &str,
    ) -> Result<Self, TlsError> {
        let ca = certificates("the authority's file", ca)?;
        let chain = certificates("the certificate file", chain)?;
        let key = PrivateKeyDer::from_pem_slice(key);
        let key = key.map_err(|error| TlsError::Pem {
            file: "the key file",
            error,
        })?;
        let mut roots = RootCertStore::empty();
        for certificate in &ca {
            roots.add(certificate.clone())?;
        }
        let roots = Arc::new(roots);
        verify_leaf(&roots, &chain, service)?;
        Ok(Self {
            leaf_not_after: not_after(&chain[0])?,
            ca_not_after: not_after(&ca[0])?,
            server: Arc::new(server(&roots, chain.clone(), key.clone_key())?),
            client: Arc::new(client(&roots, chain, key)?),
        })
    }
}

/// Checks our own certificate the way that a client will check it.
fn verify_leaf(
    roots: &Arc<RootCertStore>,
    chain: &[CertificateDer<'_>],
    service: &str,
) -> Result<(), TlsError> {
    let name = ServerName::try_from(service)?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), provider()).build()?;
    verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], UnixTime::now())?;
    Ok(())
}

fn server(
    roots: &Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), provider()).build()?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session does not show its certificate again, which may have expired by then.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn client(
    roots: &Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ClientConfig, TlsError> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(Arc::clone(roots))
        .with_client_auth_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn certificates(file: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Pem { file, error })?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(file));
    }
    Ok(certificates)
}

/// The end of the certificate's validity, in seconds since 1970.
fn not_after(certificate: &CertificateDer<'_>) -> Result<i64, TlsError> {
    let (_, certificate) = X509Certificate::from_der(certificate)
        .map_err(|_| TlsError::NoCertificate("a certificate"))?;
    Ok(certificate.validity().not_after.timestamp())
}
