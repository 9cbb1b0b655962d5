//! The dashboards page in a real browser, over metrics that are always there.
//!
//! Needs Chromium: `cargo test -p backends --features external --test it -- dashboards::`. What the pages
//! look like is left as PNG files in `target/tmp`.

mod connection;
mod every_panel;
mod from_a_trace;
mod metrics;
mod pages;
mod panels;
mod reader;
mod reasons;

use metrics::Metrics;
use panels::{Panels, texts};
use test_support::browser::Browser;

#[tokio::test]
async fn the_functions_of_the_page_keep_their_rules() {
    let panels = Panels::start(backends::TraceStore::default(), &Metrics::default()).await;
    let browser = Browser::launch().await;
    let page = browser.open(&panels.url).await;
    page.wait_for_text("Telemetry health").await;
    assert_eq!(
        texts(&page, include_str!("units.js")).await,
        Vec::<String>::new()
    );
}
