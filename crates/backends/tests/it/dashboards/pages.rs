//! From a panel to a stretch of time, to its query, and to the page that explains it.

use super::{
    every_panel::keep_picture,
    metrics::Metrics,
    panels::{Panels, READY, eventually},
};
use test_support::browser::{Browser, Page};

async fn open(metrics: &Metrics, path: &str) -> (Panels, Browser, Page) {
    let panels = Panels::start(backends::TraceStore::default(), metrics).await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}{path}", panels.url)).await;
    page.appear(1440, 2_400, false).await;
    (panels, browser, page)
}

/// Sends the pointer along the first chart, as shares of its width.
const DRAG: &str = "(() => { \
     const plot = document.querySelector('.plot'); \
     const { left, top, width } = plot.getBoundingClientRect(); \
     for (const [name, share] of [['down', 0.3], ['move', 0.4], ['move', 0.6], ['up', 0.6]]) { \
       const place = { clientX: left + share * width, clientY: top + 50, bubbles: true }; \
       plot.dispatchEvent(new PointerEvent('pointer' + name, place)); \
     } })()";

#[tokio::test]
async fn a_drag_shows_a_stretch_of_time_and_back_shows_the_range_before() {
    let (panels, _browser, page) = open(&Metrics::default(), "/d/start").await;
    // An alert has fired all the time.
    page.wait_until("document.querySelector('.plot .alert rect')?.getBBox().width > 100")
        .await;
    page.evaluate(DRAG).await;
    page.wait_until("/from=\\d+&to=\\d+/.test(location.search)")
        .await;
    page.wait_until("document.querySelectorAll('.choice button').length === 4")
        .await;
    page.evaluate("history.back()").await;
    page.wait_until("location.search === ''").await;
    page.wait_until("document.querySelectorAll('.choice button').length === 3")
        .await;
    // The keyboard does the same.
    page.evaluate(
        "document.querySelector('.plot').focus(); \
         for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'Enter']) \
           document.activeElement.dispatchEvent( \
             new KeyboardEvent('keydown', { key, shiftKey: key !== 'Enter', bubbles: true }))",
    )
    .await;
    page.wait_until("/from=\\d+&to=\\d+/.test(location.search)")
        .await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}

/// By the keyboard, two steps to the left of the newest data.
async fn pin_the_tooltip(page: &Page, kind: &str) {
    page.evaluate(&format!(
        "document.querySelector('.{kind} .plot').focus(); \
         for (const key of ['ArrowLeft', 'ArrowLeft', 'Enter']) \
           document.activeElement.dispatchEvent( \
             new KeyboardEvent('keydown', {{ key, bubbles: true }}))"
    ))
    .await;
}

#[tokio::test]
async fn every_chart_over_time_marks_alerts_and_scenarios_and_leads_to_the_runbook() {
    let (panels, _browser, page) = open(&Metrics::default(), "/d/rpc-overview").await;
    for (path, kind) in [
        ("/d/rpc-overview", "timeseries"),
        ("/d/rpc-overview", "heatmap"),
        ("/d/telemetry-health", "state-timeline"),
    ] {
        page.evaluate(&format!("(window.isOld = true, location.href = '{path}')"))
            .await;
        page.wait_until("!window.isOld").await;
        // One that is far below has the alerts, too, when it comes into sight.
        page.wait_until(&format!("document.querySelector('.{kind}')"))
            .await;
        page.evaluate(&format!(
            "document.querySelector('.{kind}').scrollIntoView()"
        ))
        .await;
        page.wait_until(&format!(
            "document.querySelector('.{kind} .alert rect')?.getBBox().width > 100"
        ))
        .await;
        pin_the_tooltip(&page, kind).await;
        page.wait_until(
            "document.querySelector('.tooltip.pinned .alert')?.innerText \
             === 'TargetDown user fires'",
        )
        .await;
        page.wait_until(&format!(
            "document.querySelector('.{kind} .scenario rect').getBBox().width > 100 \
             && document.querySelector('.tooltip.pinned .scenario').innerText === 'scenario hang'"
        ))
        .await;
        keep_picture(&page, &format!("alert-{kind}")).await;
        page.click(".tooltip a[href='/learn/docs/runbooks/target-down.md']")
            .await;
        page.wait_until("location.pathname === '/learn/docs/runbooks/target-down.md'")
            .await;
    }
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}

#[tokio::test]
async fn a_panel_opens_its_query_which_can_be_changed_by_name() {
    let metrics = Metrics::default();
    let (panels, _browser, page) = open(&metrics, "/d/start").await;
    page.wait_until(READY).await;
    page.click("[data-panel='10'] .menu summary").await;
    page.wait_for_text("sum by (service_name) (rate(").await;
    page.click("[data-panel='10'] .menu a[href^='/query']")
        .await;
    page.wait_until("document.querySelectorAll('.query-page .line').length === 3")
        .await;
    page.wait_until("document.querySelectorAll('.query-page tbody tr').length === 3")
        .await;

    page.evaluate(
        "const field = document.querySelector('textarea'); \
         field.focus(); field.value = 'sum(GetU'; field.setSelectionRange(8, 8); \
         field.dispatchEvent(new Event('input', { bubbles: true }))",
    )
    .await;
    page.wait_until("document.querySelector('[role=option][aria-selected=true]')")
        .await;
    let enter = "field.dispatchEvent( \
                 new KeyboardEvent('keydown', { key: 'Enter', cancelable: true }))";
    page.evaluate(enter).await;
    page.wait_until("field.value === 'sum(GetUser'").await;
    page.evaluate("field.value += ')'").await;
    page.evaluate(enter).await;
    eventually("the other query is asked", || {
        metrics.was_asked("sum(GetUser)")
    })
    .await;
    page.wait_until("location.search.includes('g0.expr=sum%28GetUser%29')")
        .await;
    page.evaluate("history.back()").await;
    page.wait_until("field.value.startsWith('sum by (service_name)')")
        .await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}

#[tokio::test]
async fn rows_and_alerts_lead_to_documents_and_those_to_each_other() {
    let (panels, _browser, page) = open(&Metrics::default(), "/d/slo").await;
    page.click(".alerts a[href$='high-latency.md']").await;
    page.wait_for_text("One unary call in a hundred").await;
    page.click("article a[href='/learn/docs/scaling.md']").await;
    page.wait_for_text("Scaling").await;
    page.click("#pages a[href='/learn/docs/walkthrough.md']")
        .await;
    page.wait_until("document.querySelector('#pages [aria-current]')?.innerText.includes('walk')")
        .await;
    for (width, dark) in [(1440, true), (390, false)] {
        page.appear(width, 900, dark).await;
        page.wait_until("document.documentElement.scrollWidth <= innerWidth")
            .await;
    }
    page.wait_until("document.querySelector('header nav [aria-current]').innerText === 'Learn'")
        .await;
    page.evaluate("location.href = '/d/calls-that-survive'")
        .await;
    page.click(".learn-more").await;
    page.wait_for_text("Retries").await;
    page.wait_until("location.pathname === '/learn/docs/mechanisms/retries.md'")
        .await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}
