//! The telemetry installs no provider, and leaves rustls one to choose.

use std::time::Duration;

use rustls::crypto::CryptoProvider;
use tonic_telemetry::{InitError, LogFormat, Options, Telemetry};

/// Nobody listens there, and nothing is sent.
const COLLECTOR: &str = if cfg!(feature = "tls") {
    "https://127.0.0.1:9"
} else {
    "http://127.0.0.1:9"
};

fn telemetry(collector: &'static str) -> Result<Telemetry, InitError> {
    let variable = move |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then_some(collector);
    Options::new("own-tls")
        .log_format(LogFormat::Off)
        .variables(move |name| variable(name).map(str::to_owned))
        .start()
}

#[tokio::test]
async fn rustls_has_its_default_provider_for_the_application() {
    let telemetry = telemetry(COLLECTOR).expect("it starts");
    let installed = CryptoProvider::get_default();
    assert!(installed.is_none(), "{installed:?} was installed");
    own_tls::client();
    let grace = Duration::from_secs(1);
    telemetry.shutdown(grace).await.expect("no span is lost");
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_collector_with_tls_needs_a_feature_and_the_error_names_it() {
    let error = telemetry("https://127.0.0.1:9").expect_err("it has no TLS");
    let error = error.to_string();
    assert!(error.contains("`tls-aws-lc` of tonic-telemetry"), "{error}");
}
