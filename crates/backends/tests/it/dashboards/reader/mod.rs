//! What a reader does on the page: point, choose, pause; with the keyboard too.

mod refresh;

use super::{
    metrics::Metrics,
    panels::{Panels, READY, eventually},
};
use test_support::browser::{Browser, Page};

struct Reader {
    metrics: Metrics,
    panels: Panels,
    page: Page,
    _browser: Browser,
}

impl Reader {
    async fn open(path: &str) -> Self {
        let metrics = Metrics::default();
        let panels = Panels::start(backends::TraceStore::default(), &metrics).await;
        let browser = Browser::launch().await;
        let page = browser.open(&format!("{}{path}", panels.url)).await;
        page.appear(1440, 2_400, false).await;
        page.wait_until(READY).await;
        Self {
            metrics,
            panels,
            page,
            _browser: browser,
        }
    }

    /// Waits for two more refreshes.
    async fn refreshed(&self) {
        let before = self.metrics.count();
        eventually("a refresh", || self.metrics.count() > before + 12).await;
    }

    fn is_content(&self) {
        assert_eq!(self.page.complaints(&self.panels.url), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_keyboard_reads_values_and_reaches_the_trace() {
    let reader = Reader::open("/d/start").await;
    let page = &reader.page;
    page.wait_until("document.querySelectorAll('.plot').length === 2")
        .await;
    let key = |key: &str| {
        format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', \
             {{ key: '{key}', bubbles: true }}))"
        )
    };
    page.evaluate("document.querySelectorAll('.plot')[1].focus()")
        .await;
    page.evaluate(&key("ArrowLeft")).await;
    page.wait_until("document.querySelectorAll('.tooltip[role=status] .row').length === 3")
        .await;
    // The other chart shows the same moment.
    page.wait_until("document.querySelectorAll('.crosshair[visibility=visible]').length === 2")
        .await;
    page.evaluate(&key("Enter")).await;
    page.wait_until("document.activeElement.href?.startsWith('http://127.0.0.1:4/trace/0000')")
        .await;
    page.evaluate(&key("Escape")).await;
    page.wait_until("document.activeElement.matches('.plot')")
        .await;
    reader.is_content();
}

#[tokio::test]
async fn a_name_in_the_legend_shows_that_series_alone() {
    let reader = Reader::open("/d/start").await;
    let page = &reader.page;
    let lines = |count| {
        format!(
            "document.querySelector('.timeseries').querySelectorAll('g.line').length === {count}"
        )
    };
    page.wait_until(&lines(3)).await;
    page.click(".timeseries .legend button").await;
    page.wait_until(&lines(1)).await;
    page.click(".timeseries .legend button").await;
    page.wait_until(&lines(3)).await;
    reader.is_content();
}

#[tokio::test]
async fn a_picker_narrows_what_is_asked_and_the_address_keeps_it() {
    let reader = Reader::open("/d/rpc-overview").await;
    let page = &reader.page;
    page.click(".selection input[data-key=user]").await;
    eventually("the query names the choice", || {
        reader.metrics.was_asked("service_name=~\"user\"")
    })
    .await;
    page.wait_until("location.search.includes('var-service_name=user')")
        .await;
    page.wait_for_text("Service user").await;
    reader.is_content();
}

#[tokio::test]
async fn a_pause_and_a_range_are_kept_in_the_address() {
    let reader = Reader::open("/d/start").await;
    let page = &reader.page;
    page.click(".refresh").await;
    page.wait_for_text("Paused").await;
    page.click(".choice button:last-child").await;
    page.wait_until("location.search.includes('from=now-1h')")
        .await;
    page.wait_until("document.querySelector('.refresh').matches('.paused')")
        .await;
    page.click(".refresh").await;
    reader.refreshed().await;
    reader.is_content();
}

#[tokio::test]
async fn a_narrow_bar_shows_where_the_reader_is() {
    let reader = Reader::open("/d/telemetry-health").await;
    let page = &reader.page;
    page.appear(390, 900, false).await;
    page.evaluate("(window.isOld = true, location.reload())")
        .await;
    page.wait_until("!window.isOld && document.querySelector('[aria-current]')")
        .await;
    page.wait_until(
        "document.querySelector('[aria-current]').getBoundingClientRect().right <= 390",
    )
    .await;
    reader.is_content();
}
