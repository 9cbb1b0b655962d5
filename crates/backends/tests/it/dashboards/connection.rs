//! The server goes away and comes back.

use super::{
    metrics::Metrics,
    panels::{Panels, READY, eventually},
};
use test_support::browser::Browser;

#[tokio::test]
async fn a_lost_connection_is_said_once_and_heals_by_itself() {
    let metrics = Metrics::default();
    let panels = Panels::start(backends::TraceStore::default(), &metrics).await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/d/start", panels.url)).await;
    page.wait_until(READY).await;
    page.wait_until("document.querySelectorAll('.plot').length > 0")
        .await;

    page.evaluate("performance.clearResourceTimings()").await;
    let address = panels.stop().await;
    page.wait_for_text("No answer since").await;
    // The charts are still there, and no panel repeats the message.
    page.wait_until("document.querySelectorAll('.plot').length > 0")
        .await;
    page.wait_until("document.querySelectorAll('.reason.error').length === 0")
        .await;

    let _panels = Panels::start_on(address, backends::TraceStore::default(), &metrics).await;
    page.wait_until("document.querySelector('.outage').hidden")
        .await;
    // It is another server, so the page asks again when it was started: windows begin there.
    page.wait_until(
        "performance.getEntriesByType('resource') \
         .some(({ name, responseStatus }) => name.endsWith('/dashboards') && responseStatus === 200)",
    )
    .await;
    let before = metrics.count();
    eventually("the panels are asked for again", || {
        metrics.count() > before
    })
    .await;
}

#[tokio::test]
async fn a_page_of_which_a_part_is_missing_says_so() {
    let panels = Panels::start(backends::TraceStore::default(), &Metrics::default()).await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/d/start", panels.url)).await;
    page.wait_until(READY).await;

    page.block(&["*/assets/api.js"]).await;
    page.evaluate("location.reload()").await;
    page.wait_for_text("A part of this page has not come.")
        .await;

    page.block(&[]).await;
    page.click(".late a").await;
    page.wait_until(READY).await;
}
