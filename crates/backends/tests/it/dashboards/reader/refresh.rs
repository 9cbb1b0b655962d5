//! What stays as it is when the panels are refreshed.

use std::time::Duration;

use tokio::time::sleep;

use super::Reader;
use crate::dashboards::panels::{eventually, texts};

#[tokio::test]
async fn colours_and_the_focus_stay_when_the_panels_are_refreshed() {
    let reader = Reader::open("/d/start").await;
    let page = &reader.page;
    let colours = "[...document.querySelectorAll('.legend button')] \
                   .map(item => item.innerText + item.querySelector('i').style.background)";
    let before = texts(page, colours).await;
    assert_eq!(before.len(), 6, "{before:?}");
    page.evaluate("document.querySelector('.legend button').focus()")
        .await;
    reader.refreshed().await;
    assert_eq!(texts(page, colours).await, before);
    page.wait_until("document.activeElement.dataset.key === 'legend gateway'")
        .await;
    reader.is_content();
}

#[tokio::test]
async fn charts_that_were_drawn_anew_are_let_go() {
    let reader = Reader::open("/d/start?refresh=off").await;
    let page = &reader.page;
    page.wait_until("document.querySelectorAll('.legend button').length === 6")
        .await;
    let before = page.nodes().await;
    // Each click draws one of the charts again, as each refresh does all day.
    page.evaluate(
        "[...Array(200)].forEach(() => document.querySelector('.legend button').click())",
    )
    .await;
    let after = page.nodes().await;
    assert!(after < 2 * before, "{before} nodes became {after}");
    reader.is_content();
}

#[tokio::test]
async fn a_table_stays_where_it_was_scrolled_when_it_is_refreshed() {
    let reader = Reader::open("/d/rpc-overview").await;
    let page = &reader.page;
    page.appear(390, 5_000, false).await;
    page.wait_until(
        "document.querySelector('.scroll')?.scrollWidth - 100 \
         > document.querySelector('.scroll').clientWidth",
    )
    .await;
    page.evaluate("(window.before = document.querySelector('.scroll')).scrollTo(100, 0)")
        .await;
    page.wait_until("!window.before.isConnected").await;
    page.wait_until("document.querySelector('.scroll').scrollLeft === 100")
        .await;
    reader.is_content();
}

#[tokio::test]
async fn a_paused_page_shows_one_window_until_the_reader_goes_on() {
    let reader = Reader::open("/d/rpc-overview?refresh=off").await;
    let page = &reader.page;
    let windows = "[...new Set(performance.getEntriesByType('resource') \
                   .map(({ name }) => new URL(name).searchParams.get('end')))].filter(Boolean)";
    let first = texts(page, windows).await;
    // That of the heat map ends with a column.
    assert!((1..=2).contains(&first.len()), "{first:?}");
    // Longer than the step by which windows move.
    sleep(Duration::from_millis(2_500)).await;
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        .await;
    // The lower panels go out of sight, and come back.
    page.appear(1440, 500, false).await;
    page.wait_until("innerHeight === 500").await;
    sleep(Duration::from_millis(300)).await;
    let before = reader.metrics.count();
    page.appear(1440, 2_400, false).await;
    eventually("panels that come into sight are asked for", || {
        reader.metrics.count() > before
    })
    .await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(texts(page, windows).await, first);
    reader.is_content();
}
