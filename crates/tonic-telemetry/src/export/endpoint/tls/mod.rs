//! TLS to a collector: whom the exporter trusts, and who it is.
//!
//! With `OTEL_EXPORTER_OTLP_CERTIFICATE` the exporter trusts the authorities in that file alone, else
//! those of this machine. Nothing is installed: the cryptography is that of the process where it has
//! chosen a provider, else that of the feature.

#[cfg(feature = "otlp-http")]
mod by_http;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tonic::transport::{ClientTlsConfig, Endpoint, Identity};

use super::OtlpVariables;
use crate::{InitError, env::Variable};

#[cfg(feature = "otlp-http")]
pub(crate) use self::by_http::{Connector, connector, plain_connector};

/// The text in each PEM file with a certificate.
const CERTIFICATE: &str = "BEGIN CERTIFICATE";

/// What is expected of a client's files.
const PAIR: &str = "a client certificate and its key, both, which fit each other";

/// The certificate and the key of a client, each as the text of a PEM file.
struct Client {
    file: Variable,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The endpoint at this address, which is reached by TLS alone.
pub(super) fn secured(
    endpoint: Endpoint,
    address: &Variable,
    otlp: OtlpVariables<'_>,
) -> Result<Endpoint, InitError> {
    let tls = ClientTlsConfig::new().trust_anchors(authorities(address, otlp)?.roots);
    let Some(client) = client(otlp)? else {
        return endpoint
            .tls_config(tls)
            .map_err(|_| address.refuse("a URL whose host can have a certificate"));
    };
    let identity = Identity::from_pem(client.certificate, client.key);
    let secured = endpoint.tls_config(tls.identity(identity));
    secured.map_err(|_| client.file.refuse(PAIR))
}

/// Whom the exporter trusts.
fn authorities(address: &Variable, otlp: OtlpVariables<'_>) -> Result<RootCertStore, InitError> {
    let mut roots = RootCertStore::empty();
    if let Some((file, pem)) = pem_file(otlp, "CERTIFICATE", CERTIFICATE)? {
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
        if roots.is_empty() {
            return Err(file.refuse("a PEM file with certificates of authorities"));
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            let expected = "an http URL, or an authority to trust: this machine has none, and \
                            OTEL_EXPORTER_OTLP_CERTIFICATE names no file";
            return Err(address.refuse(expected));
        }
    }
    Ok(roots)
}

fn client(otlp: OtlpVariables<'_>) -> Result<Option<Client>, InitError> {
    let certificate = pem_file(otlp, "CLIENT_CERTIFICATE", CERTIFICATE)?;
    let key = pem_file(otlp, "CLIENT_KEY", "PRIVATE KEY")?;
    match (certificate, key) {
        (Some((file, certificate)), Some((_, key))) => Ok(Some(Client {
            file,
            certificate,
            key,
        })),
        (None, None) => Ok(None),
        (Some((alone, _)), None) | (None, Some((alone, _))) => Err(alone.refuse(PAIR)),
    }
}

/// Reads the PEM file that a variable names, which must have `kind` in its text.
fn pem_file(
    otlp: OtlpVariables<'_>,
    option: &str,
    kind: &str,
) -> Result<Option<(Variable, Vec<u8>)>, InitError> {
    let Some(file) = otlp.get(option) else {
        return Ok(None);
    };
    let pem = std::fs::read(&file.value).unwrap_or_default();
    if String::from_utf8_lossy(&pem).contains(kind) {
        Ok(Some((file, pem)))
    } else {
        Err(file.refuse(if kind == CERTIFICATE {
            "a readable PEM file with certificates"
        } else {
            "a readable PEM file with a private key"
        }))
    }
}
