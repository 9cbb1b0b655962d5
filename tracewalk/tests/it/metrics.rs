//! What `tracewalk up` knows of its services without Prometheus: rates, quantiles, alerts.

use std::{collections::BTreeSet, process::Command};

use crate::support::{Up, run, until};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// `rate` over real calls, as the dashboards ask for it.
const P99: &str = "histogram_quantile(0.99, sum by (service_name, le) \
    (rate(grpc_rpc_duration_seconds_bucket{service!~\"grpc[.].+|_OTHER\"}[1m])))";

#[tokio::test]
async fn quantiles_of_real_calls_are_there_for_each_service() {
    let up = Up::start(&["--json", "--load", "20"]);
    let addresses = up.addresses().await;
    until("a quantile for each service", async || {
        let rows = query(&addresses, P99).await;
        let positive = rows.iter().filter(|row| value(row) > 0.0);
        let services: BTreeSet<_> = positive.map(|row| label(row, "service_name")).collect();
        (services.into_iter().collect::<Vec<_>>() == ["gateway", "profile", "user"]).then_some(())
    })
    .await;
    until("a recorded rate", async || {
        let recorded = "sum(service_name_method:grpc_rpc:rate1m) > 0";
        (query(&addresses, recorded).await.len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_call_with_a_new_code_is_a_rate() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let rate = "sum by (service_name) \
        (rate(grpc_rpc_duration_seconds_count{code=\"DEADLINE_EXCEEDED\"}[1m])) > 0";
    until("all services are scraped", async || {
        let rows = query(&addresses, "up{job=\"grpc-services\"} == 1").await;
        (rows.len() == 3).then_some(())
    })
    .await;
    assert!(query(&addresses, rate).await.is_empty());
    let gateway = addresses["gateway"].as_str().expect("an address");
    let call = ["call", "get", "1", "--gateway", gateway];
    let fault = ["--fault", "user:error=DEADLINE_EXCEEDED"];
    run(&[&call[..], &fault].concat()).await;
    until("the rate of both servers", async || {
        (query(&addresses, rate).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_service_that_hangs_is_down_and_an_alert_says_so() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let pid = addresses["pids"]["user"].to_string();
    let is_up = "up{service_name=\"user\", job=\"grpc-services\"}";
    until("the user service is up", async || {
        let rows = query(&addresses, &format!("{is_up} == 1")).await;
        rows.first().map(|_| ())
    })
    .await;

    signal("STOP", &pid);
    until("it is down", async || {
        let rows = query(&addresses, &format!("{is_up} == 0")).await;
        rows.first().map(|_| ())
    })
    .await;
    let alert = until("an alert is pending", async || {
        let alerts = get(&addresses, "/api/v1/alerts").await["data"]["alerts"].take();
        let down = alerts.as_array().expect("a list").iter().find(|alert| {
            let labels = &alert["labels"];
            labels["alertname"] == "TargetDown" && labels["service_name"] == "user"
        });
        down.cloned()
    })
    .await;
    let summary = alert["annotations"]["summary"].as_str().expect("a text");
    assert!(summary.starts_with("user (127.0.0.1:"), "{summary}");

    signal("CONT", &pid);
    until("it is up again, and the alert is over", async || {
        let is_up = !query(&addresses, &format!("{is_up} == 1")).await.is_empty();
        let alerts = get(&addresses, "/api/v1/alerts").await;
        (is_up && alerts["data"]["alerts"] == Value::Array(Vec::new())).then_some(())
    })
    .await;
}

fn signal(name: &str, pid: &str) {
    let status = Command::new("kill").args(["-s", name, pid]).status();
    assert!(status.expect("kill can be started").success());
}

async fn query(addresses: &Value, query: &str) -> Vec<Value> {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let answer = get(addresses, &format!("/api/v1/query?query={query}")).await;
    assert_eq!(answer["status"], "success", "{answer}");
    let rows = answer["data"]["result"].as_array();
    rows.expect("a list").clone()
}

async fn get(addresses: &Value, path: &str) -> Value {
    let prometheus = addresses["prometheus"].as_str().expect("an address");
    crate::support::get(&format!("http://{prometheus}{path}"))
        .await
        .json()
}

fn value(row: &Value) -> f64 {
    let text = row["value"][1].as_str().expect("a text");
    text.parse().expect("a number")
}

fn label(row: &Value, name: &str) -> String {
    row["metric"][name].as_str().expect("a label").to_owned()
}
