//! All panels of all dashboards, wide and narrow, light and dark.

use std::path::PathBuf;

use test_support::browser::{Browser, Page};

use super::{
    metrics::Metrics,
    panels::{DASHBOARDS, Panels, READY, SILENT, texts},
};
use crate::support::{
    backend::Backend,
    spans::{call, now},
};

/// The panels that have no data in this test: there is no TLS, no registry, and no log record.
fn is_expected(silent: &str) -> bool {
    silent.starts_with("Certificates expire in: TLS is off")
        || silent == "Registered, and watching: No service registers"
        || silent == "Latest log lines: No log line has arrived yet."
}

/// High enough for a whole dashboard: only panels in sight are asked for.
const WHOLE: u32 = 5_000;

/// The elements of a panel that would lose the keyboard's focus with the next refresh.
const FORGETFUL: &str = "[...document.querySelectorAll( \
     '.panel > .body :is(a, button, summary, [tabindex=\"0\"])')] \
     .filter(element => !element.matches('[tabindex=\"-1\"], [data-key]')) \
     .map(element => element.outerHTML)";

async fn backend_with_calls() -> Backend {
    let backend = Backend::start().await;
    for number in 1..=5 {
        let start = now() - u64::try_from(number).expect("it is small") * 7_000_000_000;
        backend.export(call(number, start, number == 5)).await;
    }
    backend
}

pub(super) async fn keep_picture(page: &Page, name: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    page.screenshot(&folder.join(format!("{name}.png"))).await;
}

#[tokio::test]
async fn every_panel_of_every_dashboard_has_data_or_says_why_not() {
    let backend = backend_with_calls().await;
    let panels = Panels::start(backend.store.clone(), &Metrics::default()).await;
    let browser = Browser::launch().await;
    for uid in DASHBOARDS {
        let page = browser.open(&format!("{}/d/{uid}", panels.url)).await;
        for (width, dark) in [(1440, true), (390, false)] {
            page.appear(width, WHOLE, dark).await;
            page.wait_until(READY).await;
            page.wait_until("!document.querySelector('.panel > .body:empty')")
                .await;
            let silent = texts(&page, SILENT).await;
            let unexpected: Vec<_> = silent.iter().filter(|text| !is_expected(text)).collect();
            assert!(unexpected.is_empty(), "{uid}: {unexpected:#?}");
            // A refresh keeps the focus on its element.
            assert_eq!(texts(&page, FORGETFUL).await, Vec::<String>::new(), "{uid}");
            // Nothing makes the page wider than the window.
            page.wait_until("document.documentElement.scrollWidth <= innerWidth")
                .await;
        }
        page.appear(1440, 900, true).await;
        keep_picture(&page, &format!("dashboard-{uid}")).await;
        assert_eq!(page.complaints(&panels.url), Vec::<String>::new(), "{uid}");
    }
}

#[tokio::test]
async fn the_first_page_lists_the_dashboards_and_an_unknown_one_is_said() {
    let panels = Panels::start(backends::TraceStore::default(), &Metrics::default()).await;
    let browser = Browser::launch().await;
    let page = browser.open(&panels.url).await;
    page.wait_until("document.querySelectorAll('.overview li a').length === 6")
        .await;
    page.click(".overview a[href='/d/slo']").await;
    page.wait_for_text("Is the promise kept?").await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());

    let page = browser.open(&format!("{}/d/nothing", panels.url)).await;
    page.wait_for_text("No such dashboard").await;
}
