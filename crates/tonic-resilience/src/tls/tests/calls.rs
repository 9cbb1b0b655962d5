use std::{
    fs,
    time::{Duration, SystemTime},
};

use tonic::Code;

use super::fixture::{DAY, Fixture};
use crate::{
    testing::{backend::eventually, code, metric, request},
    tls::{Tls, TlsMetrics},
};
use dev_identity::write_certificates;

/// Waits for a call over a new connection that succeeds: on a busy machine a handshake may time out.
async fn handshakes_succeed(fixture: &Fixture) {
    eventually("a new handshake succeeds", async || {
        code(fixture.channel("gateway"), request()).await == Code::Ok
    })
    .await;
}

#[tokio::test]
async fn the_gateway_may_call_and_another_service_may_not() {
    let fixture = Fixture::start().await;
    assert_eq!(code(fixture.channel("gateway"), request()).await, Code::Ok);
    let denied = code(fixture.channel("profile"), request()).await;
    assert_eq!(denied, Code::PermissionDenied);
}

#[tokio::test]
async fn a_server_that_is_another_service_is_not_called() {
    let fixture = Fixture::start().await;
    let channel = fixture.channel_to("gateway", "profile");
    assert_eq!(code(channel, request()).await, Code::Unavailable);
}

#[tokio::test]
async fn the_end_of_the_certificate_is_a_metric() {
    let fixture = Fixture::start().await;
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let tomorrow = since_1970.expect("the clock is right").as_secs() + DAY.as_secs();
    let ends = metric(
        &fixture.registry,
        "tls_cert_not_after_timestamp_seconds{role=\"leaf\"}",
    );
    let ends = u64::try_from(ends).expect("after 1970");
    assert!(ends.abs_diff(tomorrow) < 60, "{ends}");
}

#[tokio::test]
async fn certificates_are_replaced_while_calls_go_on() {
    let fixture = Fixture::start().await;
    let running = fixture.channel("gateway");
    let used = |fixture: &Fixture| metric(&fixture.registry, "tls_reloads_total{result=\"used\"}");
    for reloads in 1..=2 {
        let services = ["gateway", "user", "profile"];
        write_certificates(fixture.folder.path(), &services, DAY).expect("certificates");
        eventually("the new certificate is used", async || {
            assert_eq!(code(running.clone(), request()).await, Code::Ok);
            used(&fixture) >= reloads
        })
        .await;
        handshakes_succeed(&fixture).await;
    }
}

#[tokio::test]
async fn wrong_new_files_are_refused_and_the_old_ones_kept() {
    let fixture = Fixture::start().await;
    let folder = fixture.folder.path();
    let good = fs::read(folder.join("user.pem")).expect("a file");
    let other = fs::read(folder.join("profile.pem")).expect("a file");
    let refused =
        |fixture: &Fixture| metric(&fixture.registry, "tls_reloads_total{result=\"refused\"}");
    let wrong = [b"no PEM".to_vec(), other, good[..good.len() / 2].to_vec()];
    for (count, wrong) in (1..).zip(wrong) {
        fs::write(folder.join("user.pem"), wrong).expect("a file");
        eventually("it is refused", async || refused(&fixture) == count).await;
        handshakes_succeed(&fixture).await;
    }
    write_certificates(folder, &["user"], Duration::ZERO).expect("certificates");
    eventually("an expired one is refused", async || refused(&fixture) > 3).await;
    handshakes_succeed(&fixture).await;
}

#[tokio::test]
async fn a_folder_without_certificates_says_which_file_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let metrics = TlsMetrics::new(&prometheus::Registry::new()).expect("a new registry");
    let error = Tls::load(folder.path(), "user", &metrics).expect_err("nothing there");
    assert!(error.to_string().contains("ca.pem"), "{error}");
    write_certificates(folder.path(), &["gateway"], DAY).expect("certificates");
    let error = Tls::load(folder.path(), "user", &metrics).expect_err("not there");
    assert!(error.to_string().contains("user.pem"), "{error}");
}
