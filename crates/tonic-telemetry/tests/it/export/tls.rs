//! TLS to a collector: by default the authorities of the machine are trusted.
//!
//! What the machine trusts is a variable of the process, so each exporter has a process of its own:
//! this test program again, with the one test that is ignored otherwise.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Bytes, routing::post};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rstest::rstest;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use tonic_telemetry::{LogFormat, Options};

use super::steps::end_spans;

/// A collector that speaks TLS, by gRPC and by HTTP.
struct Secure {
    address: SocketAddr,
    folder: TempDir,
}

/// Takes what comes: the exporter counts what was taken.
struct Taker;

#[tonic::async_trait]
impl TraceService for Taker {
    async fn export(
        &self,
        _: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Secure {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let ca = authority(&folder.path().join("ca.pem"));
        authority(&folder.path().join("other.pem"));
        std::fs::write(folder.path().join("empty.pem"), "").expect("a file");
        let key = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).expect("an address");
        let leaf = leaf.signed_by(&key, &ca).expect("a certificate");
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the versions are known")
            .with_no_client_auth();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
        let config = config.with_single_cert(vec![CertificateDer::from(leaf)], key);
        let mut config = config.expect("they fit each other");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));
        Self { address, folder }
    }

    /// What became of the spans of a process that trusts, as a machine, the authorities in this file.
    async fn export(&self, trusted: &str, variables: &[(&str, &str)]) -> String {
        let path = |file: &str| -> PathBuf { self.folder.path().join(file) };
        let mut exporter = Command::new(std::env::current_exe().expect("this program"));
        exporter
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .env_clear()
            .env("SSL_CERT_FILE", path(trusted))
            .env("ENDPOINT", format!("https://{}", self.address));
        for (name, value) in variables {
            let is_file = Path::new(value).extension().is_some();
            let value = if is_file { path(value) } else { value.into() };
            exporter.env(name, value);
        }
        let output = tokio::task::spawn_blocking(move || exporter.output());
        let output = output.await.expect("no panic").expect("it runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A new authority, whose certificate is in this file.
fn authority(file: &Path) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let ca = CertifiedIssuer::self_signed(params, key).expect("a certificate");
    std::fs::write(file, ca.pem()).expect("a file");
    ca
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    let grpc = tonic::service::Routes::new(TraceServiceServer::new(Taker));
    let http = Router::new().route("/v1/traces", post(async |_: Bytes| ""));
    let service = TowerToHyperService::new(grpc.into_axum_router().merge(http));
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, service) = (acceptor.clone(), service.clone());
        tokio::spawn(async move {
            // A client that trusts another authority hangs up.
            if let Ok(stream) = acceptor.accept(stream).await {
                let http = auto::Builder::new(TokioExecutor::new());
                drop(http.serve_connection(TokioIo::new(stream), service).await);
            }
        });
    }
}

const CHILD: &str = "export::tls::process_of_its_own";

#[tokio::test]
#[ignore = "the other tests start it, each with its variables"]
async fn process_of_its_own() {
    let telemetry = Options::new("test")
        .log_format(LogFormat::Off)
        .variables(|name| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => std::env::var("ENDPOINT").ok(),
            _ => std::env::var(name).ok(),
        });
    let outcome = match telemetry.start() {
        Err(error) => error.to_string(),
        Ok(telemetry) => {
            end_spans(&telemetry, 10);
            let ledger = telemetry.shutdown(Duration::from_secs(5)).await;
            format!("exported {}", ledger.map_or(0, |ledger| ledger.exported))
        }
    };
    writeln!(std::io::stdout(), "{outcome}").expect("somebody reads it");
}

#[rstest]
#[case::of_this_machine("ca.pem", "", "exported 10")]
#[case::of_the_file("other.pem", "ca.pem", "exported 10")]
#[case::not_that_of_the_machine_beside_the_file("ca.pem", "other.pem", "exported 0")]
#[case::none("empty.pem", "", "this machine has none")]
#[case::no_certificate("ca.pem", "empty.pem", "a readable PEM file with certificates")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collector_is_trusted_by_its_authority(
    #[values("grpc", "http/protobuf")] protocol: &str,
    #[case] machine: &str,
    #[case] file: &str,
    #[case] outcome: &str,
) {
    let collector = Secure::start().await;
    let variables = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", file),
    ];
    let output = collector.export(machine, &variables).await;
    assert!(output.contains(outcome), "{output}");
}
