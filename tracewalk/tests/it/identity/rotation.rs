//! Certificates that are replaced while calls go on.

use std::time::{Duration, Instant};

use dev_identity::write_certificates;
use serde_json::{Value, json};

use super::chain::{Chain, DAY, probe};
use crate::support::{Process, run, until};

#[tokio::test]
async fn certificates_are_swapped_under_load_and_no_call_fails() {
    let chain = Chain::start().await;
    let gateway = chain.gateway.address("grpc").await.to_string();
    let load = tokio::spawn(async move {
        // Few, as a busy machine that cannot keep up fails calls, too.
        let words = ["load", "--gateway", &gateway, "--rps", "10", "--json"];
        let more = ["--duration", "7s", "--mix", "get=80,lookup=20"];
        run(&[&words[..], &more].concat()).await
    });
    let begin = Instant::now();
    let mut swaps = 0;
    while begin.elapsed() < Duration::from_secs(6) {
        swaps += 1;
        write_certificates(&chain.certs(), &["gateway", "user", "profile"], DAY).unwrap();
        for service in [&chain.gateway, &chain.user, &chain.profile] {
            used(service, swaps).await;
        }
        // A handshake with what is new, on both sides.
        let user = chain.user.address("grpc").await;
        assert!(probe(&chain.certs(), user, "user").await);
    }
    let report: Value = serde_json::from_slice(&load.await.unwrap().stdout).unwrap();
    assert_eq!(report["codes"], json!({ "OK": 70 }), "{report}");
    assert!(swaps >= 2, "{swaps}");
}

/// Waits until a service has taken up a new certificate that often; it has refused none.
async fn used(service: &Process, times: u64) {
    let reloads = async |result| {
        let metrics = service.metrics().await;
        metrics.sum("tls_reloads_total", &[("result", result)])
    };
    until("the new certificate is used", async || {
        (reloads("used").await == times).then_some(())
    })
    .await;
    assert_eq!(reloads("refused").await, 0, "{}", service.name);
}
