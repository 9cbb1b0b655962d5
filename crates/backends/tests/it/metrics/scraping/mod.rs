//! From a page to samples.

mod exemplars;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use serde_json::json;
use test_support::ClosedPort;
use tokio::net::TcpListener;

use super::{server::Server, target::Page};

#[tokio::test]
async fn a_target_that_refuses_connections_is_down_for_that_reason() {
    let closed = ClosedPort::new();
    let closed = &closed.address;
    let server = Server::start().await;
    server.scrape(closed);
    server.until("up", "0").await;
    let down = server.prometheus.down();
    assert_eq!(down, [format!("user ({closed}): connection refused")]);
}

#[tokio::test]
async fn a_target_that_is_removed_ends_its_series_and_the_others_go_on() {
    let [page, other] = [
        Page::with("calls_total 5\n").await,
        Page::with("other 7\n").await,
    ];
    let server = Server::start().await;
    server.scrape(&page.address);
    server.scrape(&other.address);
    server.until("calls_total", "5").await;
    server.until("count(up)", "2").await;
    server.forget(&page.address);
    server.until_that("calls_total", <[_]>::is_empty).await;
    server.until("count(up)", "1").await;
    server.until("other", "7").await;
    assert!(server.prometheus.down().is_empty());
}

#[tokio::test]
async fn a_target_may_be_a_name() {
    let page = Page::with("calls_total 5\n").await;
    let server = Server::start().await;
    server.scrape(&page.address.replace("127.0.0.1", "localhost"));
    server.until("calls_total", "5").await;
    assert!(server.prometheus.down().is_empty());
}

#[tokio::test]
async fn a_sample_has_the_labels_of_its_page_and_of_its_target() {
    let page = Page::with("calls_total{code=\"OK\",job=\"own\"} 5\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("calls_total", "5").await;
    let labels = json!({
        "__name__": "calls_total", "code": "OK", "exported_job": "own",
        "job": "services", "instance": page.address, "service_name": "user",
    });
    assert_eq!(server.query("calls_total").await[0].0, labels);
    server.until("up", "1").await;
    server.until("scrape_samples_scraped", "1").await;
    server.until("scrape_duration_seconds < bool 10", "1").await;
}

#[tokio::test]
async fn the_first_value_of_a_series_is_a_rate_if_the_page_says_when_it_was_zero() {
    // 8 s ago; a rate over less would not see it.
    let created = SystemTime::now() - Duration::from_secs(8);
    let created = created.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let page = |code: &str| {
        format!(
            "# TYPE calls counter\ncalls_total{{code=\"{code}\"}} 5\n\
             calls_created{{code=\"{code}\"}} {created}\n\
             # TYPE took_seconds histogram\n\
             took_seconds_bucket{{code=\"{code}\",le=\"+Inf\"}} 5\n\
             took_seconds_count{{code=\"{code}\"}} 5\ntook_seconds_created{{code=\"{code}\"}} {created}\n\
             # TYPE file_created gauge\nfile_created 17\n# EOF\n"
        )
    };
    let page = Page::with(&page("OK")).await;
    let server = Server::start().await;
    server.scrape(&page.address);
    for name in ["calls_total", "took_seconds_bucket", "took_seconds_count"] {
        server
            .until(&format!("increase({name}[1m]) > bool 4.9"), "1")
            .await;
    }
    // A gauge of that name is a gauge, and a time of creation is no series.
    server.until("file_created", "17").await;
    let names = server.query("{__name__=~\".+_created\"}").await;
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test]
async fn a_series_that_is_gone_from_the_page_has_ended() {
    let page = Page::with("a 1\nb 2\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("b", "2").await;
    page.show("a 1\n");
    server.until_that("b", <[_]>::is_empty).await;
    server.until("a", "1").await;
    // Its old value can still be queried.
    server.until("last_over_time(b[5m])", "2").await;
}

#[tokio::test]
async fn a_target_that_goes_away_is_down_and_comes_back() {
    let page = Page::with("a 1\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("a", "1").await;
    page.answer_with(StatusCode::SERVICE_UNAVAILABLE);
    server.until("up", "0").await;
    server.until_that("a", <[_]>::is_empty).await;
    let targets = server.data("/api/v1/targets").await;
    let target = &targets["activeTargets"][0];
    assert_eq!(target["health"], "down");
    assert_eq!(
        target["lastError"],
        "server returned HTTP status 503 Service Unavailable"
    );
    page.answer_with(StatusCode::OK);
    server.until("up", "1").await;
    server.until("a", "1").await;
    let targets = server.data("/api/v1/targets").await;
    assert_eq!(targets["activeTargets"][0]["health"], "up");
}

#[tokio::test]
async fn nobody_at_the_address_is_down() {
    let page = Page::with("a 1\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("up", "1").await;
    drop(page);
    server.until("up", "0").await;
}

#[tokio::test]
async fn a_target_that_hangs_does_not_hold_up_the_others() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = Page::with("a 1\n").await;
    let server = Server::start().await;
    server.scrape(&mute.local_addr().unwrap().to_string());
    server.scrape(&page.address);
    server.until("count_over_time(a[5m]) > bool 3", "1").await;
    let instance = format!("up{{instance=\"{}\"}}", mute.local_addr().unwrap());
    server.until(&instance, "0").await;
    let targets = server.data("/api/v1/targets").await;
    let error = &targets["activeTargets"][0]["lastError"];
    assert_eq!(error, "context deadline exceeded");
}

#[tokio::test]
async fn a_page_that_cannot_be_read_counts_as_a_whole() {
    let page = Page::with("a 1\nno metric\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("up", "0").await;
    assert!(server.query("a").await.is_empty());
    for (text, error) in [
        ("a ".repeat(5_000_000), "body size limit exceeded"),
        // Lines after so many samples are not read.
        (many(20_001) + "\nno metric\n", "sample limit exceeded"),
    ] {
        page.show(&text);
        server.until_scrape_fails_with(error).await;
    }
}

fn many(samples: u32) -> String {
    let lines = (0..samples).map(|n| format!("a{{n=\"{n}\"}} 1"));
    lines.collect::<Vec<_>>().join("\n")
}
