use std::{
    fs,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};
use tonic::Code;

use super::fixture::{DAY, Fixture};
use crate::testing::{backend::eventually, code, metric, request};

/// What a caller shows: nothing, or a certificate with its key.
type Shown = Option<(CertificateDer<'static>, KeyPair)>;

/// Whether the server lets the caller get as far as HTTP/2.
async fn is_let_in(fixture: &Fixture, shown: Shown) -> bool {
    let ca = fs::read(fixture.folder.path().join("ca.pem")).expect("a file");
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(&ca).expect("a certificate");
    roots.add(ca).expect("an authority");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
            builder
                .with_client_auth_cert(vec![certificate], key)
                .expect("a certificate with its key")
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(fixture.address)
        .await
        .expect("a listener");
    let name = ServerName::try_from("user").expect("a name");
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let Ok(mut stream) = connected else {
        return false;
    };
    // With TLS 1.3 the server refuses after the client took the handshake to be over.
    let mut settings = [0; 9];
    let answer = timeout(Duration::from_secs(10), stream.read_exact(&mut settings)).await;
    answer.expect("an answer or an end").is_ok()
}

fn authority_of(fixture: &Fixture) -> Issuer<'static, KeyPair> {
    let pem = fs::read_to_string(fixture.folder.path().join("ca.key")).expect("a file");
    let key = KeyPair::from_pem(&pem).expect("a key");
    Issuer::new(dev_identity::authority_params(), key)
}

/// A certificate like that of the gateway, but for what `change` does to it.
fn signed(
    issuer: &Issuer<'_, KeyPair>,
    change: impl FnOnce(&mut CertificateParams),
) -> (CertificateDer<'static>, KeyPair) {
    let mut params = CertificateParams::new(vec!["gateway".to_owned()]).expect("a name");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = (SystemTime::now() - DAY).into();
    params.not_after = (SystemTime::now() + DAY).into();
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    (certificate.der().clone(), key)
}

fn self_signed() -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["gateway".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.der().clone(), key)
}

fn stranger() -> Issuer<'static, KeyPair> {
    let key = KeyPair::generate().expect("a key");
    Issuer::new(dev_identity::authority_params(), key)
}

#[tokio::test]
async fn certificates_of_strangers_are_refused() {
    let fixture = Fixture::start().await;
    let good = signed(&authority_of(&fixture), |_| {});
    assert!(is_let_in(&fixture, Some(good)).await);
    let same_name = signed(&stranger(), |_| {});
    assert!(
        !is_let_in(&fixture, Some(same_name)).await,
        "another authority"
    );
    assert!(
        !is_let_in(&fixture, Some(self_signed())).await,
        "self-signed"
    );
    assert!(!is_let_in(&fixture, None).await, "none");
    eventually("refusals are counted", async || {
        metric(&fixture.registry, "tls_handshakes_failed_total") == 3
    })
    .await;
    assert_eq!(code(fixture.channel("gateway"), request()).await, Code::Ok);
}

#[rstest]
#[case::expired(|params: &mut CertificateParams| params.not_after = (SystemTime::now() - DAY / 2).into())]
#[case::not_valid_yet(|params: &mut CertificateParams| params.not_before = (SystemTime::now() + DAY / 2).into())]
#[case::for_servers(|params: &mut CertificateParams| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])]
#[case::for_code(|params: &mut CertificateParams| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning])]
#[tokio::test]
async fn certificates_that_are_not_valid_for_a_client_are_refused(
    #[case] change: fn(&mut CertificateParams),
) {
    let fixture = Fixture::start().await;
    let shown = signed(&authority_of(&fixture), change);
    assert!(!is_let_in(&fixture, Some(shown)).await);
}

#[tokio::test]
async fn what_is_no_tls_is_closed() {
    let fixture = Fixture::start().await;
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for bytes in [&http2[..], b"GET / HTTP/1.1\r\n\r\n", &[0xff; 100], b""] {
        let mut stream = TcpStream::connect(fixture.address)
            .await
            .expect("a listener");
        stream.write_all(bytes).await.expect("an open connection");
        let mut rest = Vec::new();
        let end = timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
        assert!(
            end.is_ok(),
            "closed, at the latest by the handshake timeout"
        );
    }
    assert_eq!(metric(&fixture.registry, "tls_handshakes_failed_total"), 4);
    assert_eq!(code(fixture.channel("gateway"), request()).await, Code::Ok);
}
