//! The reason that a panel shows when it has no data.

use super::{
    metrics::Metrics,
    panels::{Panels, READY, eventually},
};
use test_support::browser::{Browser, Page};

async fn open(metrics: Metrics) -> (Panels, Browser, Page) {
    let panels = Panels::start(backends::TraceStore::default(), &metrics).await;
    let browser = Browser::launch().await;
    let page = browser
        .open(&format!("{}/d/calls-that-survive", panels.url))
        .await;
    page.appear(1440, 5_000, false).await;
    page.wait_until(READY).await;
    (panels, browser, page)
}

/// The panel "Retries, and why", whose query reads `grpc_client_retries_total`.
const PANEL: &str = "document.querySelector('[aria-label=\"Retries, and why\"]')";

#[tokio::test]
async fn a_broken_query_shows_the_servers_words_and_the_query() {
    let metrics = Metrics {
        refused: Some("grpc_client_retries_total"),
        ..Metrics::default()
    };
    let (_panels, _browser, page) = open(metrics.clone()).await;
    page.wait_until(&format!(
        "{PANEL}.querySelector('.reason.error').innerText.includes('1:7: unexpected end of input')"
    ))
    .await;
    page.evaluate(&format!(
        "{PANEL}.querySelector('summary[data-key]').click()"
    ))
    .await;
    let query = "rate(grpc_client_retries_total{service_name=~\".+\"}[20s])";
    page.wait_for_text(query).await;
    // The reason stays open when the panels are refreshed.
    let before = metrics.count();
    eventually("two refreshes", || metrics.count() > before + 40).await;
    page.wait_for_text(query).await;
    // The panels beside it are as they were.
    page.wait_until("document.querySelectorAll('.plot').length >= 2")
        .await;
}

#[tokio::test]
async fn a_rate_of_series_that_are_new_waits_for_their_second_sample() {
    let metrics = Metrics {
        empty: Some("grpc_client_retries_total"),
        ..Metrics::default()
    };
    let (panels, _browser, page) = open(metrics).await;
    page.wait_until(&format!(
        "{PANEL}.innerText.includes('Waits for a second sample: there is one every 2 s.')"
    ))
    .await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_named_where_its_metrics_are_missing() {
    let metrics = Metrics {
        shop_is_down: Some("connection refused"),
        ..Metrics::default()
    };
    let (_panels, _browser, page) = open(metrics).await;
    page.wait_for_text("Target shop (127.0.0.1:9101): connection refused.")
        .await;
}

#[tokio::test]
async fn a_metric_that_nobody_has_is_named() {
    let (_panels, _browser, page) = open(Metrics::default()).await;
    page.wait_for_text("There are no series of tls_cert_not_after_timestamp_seconds")
        .await;
}
