//! `tracewalk view`: the backends alone, for services of one's own.

use std::net::TcpListener;

use crate::support::{ClosedPort, Process, command, finish, get, request, until};
use hyper::Request;
use serde_json::{Value, json};
use tokio::process::Command;

/// On free ports.
fn view(words: &[&str]) -> Command {
    let mut command = command(&["view"]);
    for listener in ["OTLP", "OTLP_HTTP", "UI", "PROMETHEUS", "DASHBOARDS"] {
        command.env(format!("TRACEWALK_{listener}_LISTEN"), "127.0.0.1:0");
    }
    command.args(words);
    command
}

#[tokio::test]
async fn a_service_of_ones_own_has_its_traces_its_metrics_and_its_panels() {
    // Any page of metrics: here that of another `view`.
    let other = Process::start("other", view(&["--json"]));
    let scraped = other.event("otlp_http").await["prometheus"].clone();
    let scraped = scraped.as_str().unwrap();
    let target = format!("shop={scraped}");
    let mut view = Process::start("view", view(&["--json", "--scrape", &target]));
    let addresses = view.event("otlp_http").await;
    let at = |part: &str| format!("http://{}", addresses[part].as_str().unwrap());
    assert_eq!(addresses["scrape"], json!([target]));

    let export = Request::post(format!("{}/v1/traces", at("otlp_http")))
        .header("content-type", "application/json")
        .body(one_span_of_shop().to_string().into())
        .unwrap();
    assert_eq!(request(export).await.status, 200);
    let services = get(&format!("{}/api/services", at("ui"))).await.json();
    assert_eq!(services["data"], json!(["shop"]));

    let query = "api/v1/query?query=up%7Bservice_name=%22shop%22%7D";
    until("the target is up", async || {
        let up = get(&format!("{}/{query}", at("prometheus"))).await.json();
        (up["data"]["result"][0]["value"][1] == "1").then_some(())
    })
    .await;
    let page = get(&format!("{}/dashboards", at("dashboards"))).await;
    let dashboards = page.json()["dashboards"].take();
    let uids: Vec<_> = dashboards.as_array().unwrap().iter().map(uid).collect();
    assert_eq!(
        uids,
        ["rpc-overview", "calls-that-survive", "telemetry-health"]
    );
    let rules = get(&format!("{}/api/v1/rules", at("prometheus")))
        .await
        .body;
    assert!(
        rules.contains("TargetDown") && !rules.contains("gateway"),
        "{rules}"
    );

    view.signal("TERM").await;
    assert_eq!(view.ended().await, Some(0), "{:#?}", view.lines());
}

/// An export in the JSON format of OTLP.
fn one_span_of_shop() -> Value {
    let shop = json!({ "key": "service.name", "value": { "stringValue": "shop" } });
    let span = json!({
        "traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708", "name": "order",
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000100000000",
    });
    json!({ "resourceSpans": [{
        "resource": { "attributes": [shop] }, "scopeSpans": [{ "spans": [span] }],
    }] })
}

fn uid(dashboard: &Value) -> &str {
    dashboard["uid"].as_str().expect("a dashboard has a uid")
}

#[tokio::test]
async fn a_target_that_is_down_is_said_with_its_reason() {
    let nobody = ClosedPort::new();
    let scraped = format!("shop={}", nobody.address);
    let view = Process::start("view", view(&["--scrape", &scraped]));
    view.line(&format!(
        "target shop ({}): connection refused",
        nobody.address
    ))
    .await;
}

#[tokio::test]
async fn a_taken_port_is_one_line_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let output = finish(view(&["--otlp-http-listen", &taken])).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("is in use") && said.contains("--otlp-http-listen"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
