//! TLS by configurations of the program.

use std::{fs, path::Path, sync::Arc};

use http::Uri;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tonic::Code;

use super::fixture::Fixture;
use crate::{
    testing::{code, request},
    tls::Tls,
};

/// Without certificates of callers, as many services have it.
fn one_sided(folder: &Path) -> Tls {
    let provider = Arc::new(ring::default_provider());
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    let certificate = |name| CertificateDer::from_pem_slice(&read(name)).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(&read("user.key")).expect("a key");
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate("user.pem")], key)
        .expect("they fit each other");
    let mut roots = RootCertStore::empty();
    roots.add(certificate("ca.pem")).expect("an authority");
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Tls::with_configs(server, client)
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_let_in_and_has_no_name() {
    let fixture = Fixture::start_with(|folder, _| one_sided(folder)).await;
    let channel = fixture.channel_by(one_sided(fixture.folder.path()), "user");
    let mut health = request();
    *health.uri_mut() = Uri::from_static("/grpc.health.v1.Health/Check");
    assert_eq!(code(channel.clone(), health).await, Code::Ok);
    assert_eq!(code(channel, request()).await, Code::Unauthenticated);
}

#[tokio::test]
async fn the_name_of_the_service_is_checked_by_the_configuration() {
    let fixture = Fixture::start_with(|folder, _| one_sided(folder)).await;
    let channel = fixture.channel_by(one_sided(fixture.folder.path()), "profile");
    assert_eq!(code(channel, request()).await, Code::Unavailable);
}
