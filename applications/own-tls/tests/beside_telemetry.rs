//! The telemetry installs no provider, and leaves rustls one to choose.

use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tonic_telemetry::{InitError, LogFormat, Options, Telemetry};

/// Nobody listens there, and nothing is sent.
const NOBODY: &str = if cfg!(feature = "tls") {
    "https://127.0.0.1:9"
} else {
    "http://127.0.0.1:9"
};

const GRACE: Duration = Duration::from_secs(30);

fn telemetry(collector: &str) -> Result<Telemetry, InitError> {
    let collector = collector.to_owned();
    Options::new("own-tls")
        .log_format(LogFormat::Off)
        .variables(move |name| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| collector.clone()))
        .start()
}

#[tokio::test]
async fn rustls_has_its_default_provider_for_the_application() {
    let telemetry = telemetry(NOBODY).expect("it starts");
    let installed = CryptoProvider::get_default();
    assert!(installed.is_none(), "{installed:?} was installed");
    own_tls::client();
    telemetry.shutdown(GRACE).await.expect("no span is lost");
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn spans_of_the_application_arrive() {
    let collector = test_support::collector::Collector::running();
    let telemetry = telemetry(&collector.endpoint()).expect("it starts");
    tracing::dispatcher::with_default(&telemetry.subscriber(), || {
        tracing::info_span!("connect").in_scope(own_tls::client)
    });
    telemetry.shutdown(GRACE).await.expect("no span is lost");
    assert_eq!(collector.spans(), 1);
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_collector_with_tls_needs_a_feature_and_the_error_names_it() {
    let error = telemetry("https://127.0.0.1:9").expect_err("it has no TLS");
    let error = error.to_string();
    assert!(error.contains("`tls-aws-lc` of tonic-telemetry"), "{error}");
}
