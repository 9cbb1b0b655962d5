//! What the parts that come with Docker answer when they are well.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::site::Answer;

/// What nobody serves.
pub(crate) fn not_found() -> Answer {
    (404, "not found".to_owned())
}

/// A success.
pub(crate) fn ok(value: &Value) -> Answer {
    (200, value.to_string())
}

fn data(value: &Value) -> Answer {
    ok(&json!({ "status": "success", "data": value }))
}

/// A Prometheus that has everything, with the trace as everybody's exemplar.
pub(crate) fn prometheus(path: &str, trace_id: &str) -> Answer {
    let services = ["gateway", "user", "profile"];
    let path = path.split('?').next().unwrap_or_default();
    match path {
        "/api/v1/targets" => {
            let target = |name: &str| {
                json!({
                    "labels": { "job": "grpc-services", "service_name": name },
                    "health": "up", "lastError": "", "scrapeUrl": "http://localhost/metrics",
                })
            };
            data(&json!({ "activeTargets": services.map(target) }))
        }
        "/api/v1/query" => data(&json!({
            "resultType": "vector",
            "result": [{ "metric": {}, "value": [0, "1000000000"] }],
        })),
        "/api/v1/query_exemplars" => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("it is after 1970");
            let series = |name: &str| {
                json!({
                    "seriesLabels": { "service_name": name },
                    "exemplars": [{ "labels": { "trace_id": trace_id }, "timestamp": now.as_secs() }],
                })
            };
            data(&Value::from_iter(services.map(series)))
        }
        "/api/v1/rules" => {
            let rules = alerts().map(|name| {
                json!({
                    "name": name, "type": "alerting", "health": "ok", "state": "inactive",
                })
            });
            data(&json!({ "groups": [{ "rules": rules.collect::<Vec<_>>() }] }))
        }
        _ => not_found(),
    }
}

/// The names of the alerts in prometheus/rules.
fn alerts() -> impl Iterator<Item = String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/rules");
    let files = std::fs::read_dir(folder).expect("the rules are there");
    files.flat_map(|file| {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(path).expect("a text");
        let names = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- alert: "));
        names.map(str::to_owned).collect::<Vec<_>>()
    })
}

/// A Grafana that has everything, and reaches a Loki that has log lines.
pub(crate) fn grafana(path: &str) -> Answer {
    if path.contains("/loki/api/v1/query_range") {
        let stream =
            |name: &str| json!({ "stream": { "service_name": name }, "values": [["0", "a line"]] });
        let streams = ["gateway", "user", "profile"].map(stream);
        return data(&json!({ "result": streams }));
    }
    if path.starts_with("/api/datasources/proxy/uid/") {
        return data(&json!([]));
    }
    if path.starts_with("/api/dashboards/uid/") {
        return ok(&json!({ "meta": { "provisioned": true } }));
    }
    match path {
        "/api/health" => ok(&json!({ "database": "ok", "version": "13.1.0" })),
        "/api/frontend/settings" => ok(&json!({ "datasources": {
            "Prometheus": { "uid": "prometheus" },
            "Jaeger": { "uid": "jaeger" },
            "Loki": { "uid": "loki" },
        } })),
        _ => not_found(),
    }
}
