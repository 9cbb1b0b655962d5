//! The telemetry installs no provider. The only test of its process, since rustls itself installs its default
//! when an application's first configuration is made.

mod common;

use common::{GRACE, telemetry};
use rustls::crypto::CryptoProvider;

/// Nobody listens there, and nothing is sent.
const NOBODY: &str = if cfg!(feature = "tls") {
    "https://127.0.0.1:9"
} else {
    "http://127.0.0.1:9"
};

#[tokio::test]
async fn rustls_has_its_default_provider_for_the_application() {
    let telemetry = telemetry(NOBODY).expect("it starts");
    let installed = CryptoProvider::get_default();
    assert!(installed.is_none(), "{installed:?} was installed");
    own_tls::client();
    telemetry.shutdown(GRACE).await.expect("no span is lost");
}
