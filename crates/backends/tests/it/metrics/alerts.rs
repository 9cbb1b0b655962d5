//! Records and alerts.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{server::Server, target::Page};

const RULES: &str = "
groups:
  - name: all
    rules:
      - record: job:a:double
        expr: sum by (job) (a) * 2
        labels: {of: doubles}
      - record: job:a:fourfold
        expr: job:a:double * 2
      - alert: Down
        expr: up == 0
        for: 1s
        labels: {severity: page}
        annotations: {summary: '{{ $labels.service_name }} is down: {{ $value }}'}
      - alert: Never
        expr: a > 1000
      - record: twice
        expr: label_replace(up, 'x', '', '', '') or up * on () group_right () vector(1)
";

#[tokio::test]
async fn records_are_series_and_each_sees_those_before_it() {
    let page = Page::with("a 3\n").await;
    let server = Server::with_rules(RULES).await;
    server.scrape(&page.address);
    server.until("job:a:double{of=\"doubles\"}", "6").await;
    server.until("job:a:fourfold{job=\"services\"}", "12").await;
    page.show("b 1\n");
    server.until_that("job:a:double", <[_]>::is_empty).await;
}

#[tokio::test]
async fn an_alert_is_pending_then_fires_then_is_over() {
    let page = Page::with("a 3\n").await;
    let server = Server::with_rules(RULES).await;
    server.scrape(&page.address);
    server.until("up", "1").await;
    assert_eq!(server.data("/api/v1/alerts").await, json!({ "alerts": [] }));
    assert_eq!(rule(&server, "Down").await["state"], "inactive");
    page.answer_with(StatusCode::INTERNAL_SERVER_ERROR);
    let shown = |state: &str| format!("ALERTS{{alertname=\"Down\", alertstate=\"{state}\"}}");
    server
        .until(&format!("present_over_time({}[5m])", shown("pending")), "1")
        .await;
    server.until(&shown("firing"), "1").await;
    // The series with the state `pending` has ended.
    server.until("count(ALERTS)", "1").await;
    assert_eq!(server.prometheus.firing(), ["Down"]);
    let alerts = server.data("/api/v1/alerts").await;
    let alert = &alerts["alerts"][0];
    assert_eq!(alert["annotations"]["summary"], "user is down: 0");
    assert_eq!(alert["labels"]["severity"], "page");
    assert_eq!(
        (&alert["state"], &alert["value"]),
        (&json!("firing"), &json!("0e+00"))
    );
    assert_eq!(rule(&server, "Down").await["state"], "firing");
    page.answer_with(StatusCode::OK);
    server.until_that("ALERTS", <[_]>::is_empty).await;
    assert!(server.prometheus.firing().is_empty());
}

#[tokio::test]
async fn the_api_shows_all_rules_with_their_health() {
    let page = Page::with("a 3\n").await;
    let server = Server::with_rules(RULES).await;
    server.scrape(&page.address);
    server.until("job:a:double", "6").await;
    let down = rule(&server, "Down").await;
    for (field, value) in [
        ("type", json!("alerting")),
        ("health", json!("ok")),
        ("query", json!("up == 0")),
        ("duration", json!(1.0)),
        ("labels", json!({ "severity": "page" })),
        ("alerts", json!([])),
    ] {
        assert_eq!(down[field], value, "{down}");
    }
    let record = rule(&server, "job:a:double").await;
    assert_eq!(
        (&record["type"], &record["health"]),
        (&json!("recording"), &json!("ok"))
    );
    let kinds = ["", "?type=alert", "?type=record"];
    let mut counts = Vec::new();
    for kind in kinds {
        let groups = server.data(&format!("/api/v1/rules{kind}")).await;
        counts.push(groups["groups"][0]["rules"].as_array().unwrap().len());
    }
    assert_eq!(counts, [5, 2, 3]);
}

async fn rule(server: &Server, name: &str) -> Value {
    let groups = server.data("/api/v1/rules").await;
    let rules = groups["groups"][0]["rules"].as_array().expect("a list");
    let rule = rules.iter().find(|rule| rule["name"] == name);
    rule.expect("a rule of that name").clone()
}
