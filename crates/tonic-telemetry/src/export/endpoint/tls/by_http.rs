use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::WantsClientCert,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use super::{PAIR, authorities, client};
use crate::{InitError, env::Variable, export::endpoint::OtlpVariables};

/// How the exporter connects by HTTP.
pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// Connects without TLS.
pub(crate) fn plain_connector() -> Connector {
    let config = builder(RootCertStore::empty()).with_no_client_auth();
    HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build()
}

/// Connects to this address by TLS alone.
pub(crate) fn connector(
    address: &Variable,
    otlp: OtlpVariables<'_>,
) -> Result<Connector, InitError> {
    let builder = builder(authorities(address, otlp)?);
    let config = match client(otlp)? {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let chain = CertificateDer::pem_slice_iter(&client.certificate);
            let chain = chain.flatten().collect();
            let key = PrivateKeyDer::from_pem_slice(&client.key);
            let key = key.map_err(|_| client.file.refuse(PAIR))?;
            let config = builder.with_client_auth_cert(chain, key);
            config.map_err(|_| client.file.refuse(PAIR))?
        }
    };
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_only()
        .enable_http1()
        .build())
}

fn builder(roots: RootCertStore) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("each provider has the versions that are the default")
        .with_root_certificates(roots)
}

/// As tonic chooses it for gRPC.
fn provider() -> Arc<CryptoProvider> {
    #[cfg(not(feature = "tls-ring"))]
    use rustls::crypto::aws_lc_rs as chosen;
    #[cfg(feature = "tls-ring")]
    use rustls::crypto::ring as chosen;

    let of_process = CryptoProvider::get_default().cloned();
    of_process.unwrap_or_else(|| Arc::new(chosen::default_provider()))
}
