//! From a page to exemplars.

use serde_json::json;

use crate::metrics::{server::Server, target::Page};

#[tokio::test]
async fn exemplars_lead_from_a_series_to_traces() {
    let line = |trace: &str| {
        format!("calls_bucket{{le=\"+Inf\"}} 5 # {{trace_id=\"{trace}\"}} 0.25 1700000000.5\n")
    };
    let page = Page::with(&(line("aa") + "# EOF\n")).await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("calls_bucket", "5").await;
    page.show(&(line("bb") + "calls_count 7\n# EOF\n"));
    server.until("calls_count", "7").await;
    let query = "/api/v1/query_exemplars?query=rate(calls_bucket%5B1m%5D)";
    let found = server
        .data(&format!("{query}&start=1700000000&end=1700000001"))
        .await;
    assert_eq!(found[0]["seriesLabels"]["service_name"], "user");
    let exemplar =
        json!({ "labels": { "trace_id": "aa" }, "value": "0.25", "timestamp": 1_700_000_000.5 });
    assert_eq!(found[0]["exemplars"][0], exemplar);
    assert_eq!(found[0]["exemplars"].as_array().unwrap().len(), 2);
    let none = server.data(&format!("{query}&start=1&end=2")).await;
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn each_series_has_its_exemplars_once_and_in_order() {
    let line = |name: &str| format!("{name} 5 # {{trace_id=\"of_{name}\"}} 0.25 1700000000.5\n");
    let page = Page::with(&(line("a") + &line("b") + "# EOF\n")).await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("b", "5").await;
    let query = "/api/v1/query_exemplars?query=b%20or%20a%20or%20b";
    let found = server
        .data(&format!("{query}&start=1700000000&end=1700000001"))
        .await;
    let series = found.as_array().unwrap().iter();
    let names: Vec<_> = series
        .map(|it| it["seriesLabels"]["__name__"].clone())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[tokio::test]
async fn an_exemplar_that_is_too_long_is_left_out() {
    let long = "x".repeat(129);
    let page = Page::with(&format!("a 5 # {{trace_id=\"{long}\"}} 0.25\n# EOF\n")).await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("a", "5").await;
    let path = "/api/v1/query_exemplars?query=a";
    assert_eq!(server.data(path).await, json!([]));
}
