//! The real pages in a real browser: what a user of the demo sees.
//!
//! Needs Chromium: `cargo test -p backends --features external --test it -- browser::`. What the pages
//! look like is left as PNG files in `target/tmp`.

use std::path::PathBuf;

use crate::support::{
    backend::Backend,
    spans::{call, child_of, now, service, span},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use test_support::browser::{Browser, Page};

/// Twenty calls over the last minutes, each fifth of which fails.
async fn backend_with_calls() -> Backend {
    let backend = Backend::start().await;
    for number in 1..=20 {
        let start = now() - u64::try_from(number).expect("it is small") * 7_000_000_000;
        backend.export(call(number, start, number % 5 == 0)).await;
    }
    backend
}

async fn keep_picture(page: &Page, name: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    page.screenshot(&folder.join(format!("{name}.png"))).await;
}

#[tokio::test]
async fn search_lists_the_services_and_marks_the_traces_that_failed() {
    let backend = backend_with_calls().await;
    let browser = Browser::launch().await;
    let page = browser
        .open(&format!(
            "{}/search?service=profile&limit=20&lookback=1h",
            backend.url
        ))
        .await;

    page.wait_for_text("20 Traces").await;
    page.wait_for_text("1 Error").await;
    page.wait_until("document.querySelectorAll('circle.recharts-dot').length === 20")
        .await;
    let text = page.text().await;
    for service in ["gateway (2)", "user (2)", "profile (1)"] {
        assert!(text.contains(service), "{service} is not in {text}");
    }
    keep_picture(&page, "search").await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
}

#[tokio::test]
async fn a_trace_opens_with_its_spans_and_its_error() {
    let backend = backend_with_calls().await;
    let browser = Browser::launch().await;
    let page = browser
        .open(&format!("{}/trace/{:032x}", backend.url, 5))
        .await;

    page.wait_until("document.querySelectorAll('.span-row').length === 5")
        .await;
    page.wait_for_text("profile.v1/GetProfile").await;
    page.wait_until("document.querySelector('.SpanBarRow--errorIcon')")
        .await;
    keep_picture(&page, "trace").await;
    page.evaluate("[...document.querySelectorAll('.span-row .span-view')].pop().click()")
        .await;
    page.wait_for_text("Process").await;
    keep_picture(&page, "trace-detail").await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
}

/// The store changes such traces for the UI: otherwise these spans would not be drawn at all.
#[tokio::test]
async fn a_circle_a_missing_parent_and_a_span_without_times_are_drawn() {
    let backend = Backend::start().await;
    let timeless = Span {
        start_time_unix_nano: 0,
        ..span(1, 4)
    };
    let spans = vec![
        child_of(2, span(1, 1)),
        child_of(1, span(1, 2)),
        child_of(99, span(1, 3)),
        timeless,
    ];
    backend.export(vec![service("user", spans)]).await;
    let browser = Browser::launch().await;
    let page = browser
        .open(&format!("{}/trace/{:032x}", backend.url, 1))
        .await;

    page.wait_until("document.querySelectorAll('.span-row').length === 4")
        .await;
    keep_picture(&page, "hostile").await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
}

#[tokio::test]
async fn the_dependencies_page_draws_the_chain() {
    let backend = backend_with_calls().await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/dependencies", backend.url)).await;

    for service in ["gateway", "user", "profile"] {
        page.wait_for_text(service).await;
    }
    keep_picture(&page, "dependencies").await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
}

#[tokio::test]
async fn the_monitor_page_shows_rates_and_latencies() {
    let backend = backend_with_calls().await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/monitor", backend.url)).await;

    page.wait_for_text("Operations metrics").await;
    page.wait_for_text("gateway.v1/GetUser").await;
    keep_picture(&page, "monitor").await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
}
