//! The collector has no TLS, and the application has its own.

#![cfg(not(feature = "tls"))]

mod common;

use common::{GRACE, telemetry};

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

#[test]
fn a_collector_with_tls_needs_a_feature_and_the_error_names_it() {
    let error = telemetry("https://127.0.0.1:9").expect_err("it has no TLS");
    let error = error.to_string();
    assert!(error.contains("`tls-aws-lc` of tonic-telemetry"), "{error}");
}
