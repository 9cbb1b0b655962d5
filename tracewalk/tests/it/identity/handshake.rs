use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
        sign::{CertifiedKey, SingleCertAndKey},
    },
};
use tonic::transport::{Channel, Endpoint, Error};

/// What a caller shows: a certificate with its key.
pub(crate) type Shown = (CertificateDer<'static>, PrivateKeyDer<'static>);

/// The certificate of a service in the folder.
pub(crate) fn of_service(certs: &Path, name: &str) -> Shown {
    let certificate = CertificateDer::from_pem_file(certs.join(format!("{name}.pem")));
    let key = PrivateKeyDer::from_pem_file(certs.join(format!("{name}.key")));
    (certificate.expect("a certificate"), key.expect("a key"))
}

/// The authority of the folder, to sign more.
pub(crate) fn authority(certs: &Path) -> Issuer<'static, KeyPair> {
    issuer("development authority", &certs.join("ca.key"))
}

/// Who signs by this name with the key of this file.
pub(crate) fn issuer(name: &str, key: &Path) -> Issuer<'static, KeyPair> {
    let key = fs::read_to_string(key).expect("a file");
    named(name, KeyPair::from_pem(&key).expect("a key"))
}

/// Who signs by this name with this key.
pub(crate) fn named(name: &str, key: KeyPair) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    Issuer::new(params, key)
}

/// A certificate like that of the gateway, but for what `change` does to it.
pub(crate) fn signed(
    issuer: &Issuer<'_, KeyPair>,
    change: impl FnOnce(&mut CertificateParams),
) -> Shown {
    let mut params = CertificateParams::new(vec!["gateway".to_owned()]).expect("a name");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    shown(certificate.der().clone(), &key)
}

pub(crate) fn shown(certificate: CertificateDer<'static>, key: &KeyPair) -> Shown {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    (certificate, key)
}

/// Connects to a service and shows this. With TLS 1.3 the server may refuse it later.
pub(crate) async fn connect(
    address: SocketAddr,
    certs: &Path,
    shown: Option<Shown>,
) -> Result<Channel, Error> {
    let connector = TlsConnector::from(Arc::new(config(certs, shown)));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
    let connect = tower::service_fn(move |_| {
        let connector = connector.clone();
        async move {
            let stream = TcpStream::connect(address).await?;
            let name = ServerName::try_from("user").expect("a name");
            connector.connect(name, stream).await.map(TokioIo::new)
        }
    });
    endpoint.connect_with_connector(connect).await
}

fn config(certs: &Path, shown: Option<Shown>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_file(certs.join("ca.pem")).expect("a certificate");
    roots.add(ca).expect("an authority");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            // Unchecked: strangers show what does not belong together.
            let key = ring::sign::any_supported_type(&key).expect("a key");
            let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
            builder.with_client_cert_resolver(Arc::new(shown))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}
