//! A fake Prometheus that has data for each query: waves of three services.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

/// The parameters of a request.
type Pairs = Query<Vec<(String, String)>>;

/// The queries that it refuses, those without series, and those that it got. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    /// Queries with this text in them are refused.
    pub(crate) refused: Option<&'static str>,
    /// Queries with this text in them have no series, except those that begin with `count(`.
    pub(crate) empty: Option<&'static str>,
    /// Why the target `shop` could not be read, if it is there.
    pub(crate) shop_is_down: Option<&'static str>,
    pub(crate) queries: Arc<AtomicUsize>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Metrics {
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/api/v1/query", get(instant))
            .route("/api/v1/query_range", get(range))
            .route("/api/v1/query_exemplars", get(exemplars))
            .route("/api/v1/label/{name}/values", get(values))
            .route("/api/v1/rules", get(rules))
            .route("/api/v1/targets", get(targets))
            .with_state(self)
    }

    /// How many queries there were so far.
    pub(crate) fn count(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }

    /// Whether a query with this text in it has come.
    pub(crate) fn was_asked(&self, text: &str) -> bool {
        let asked = self.asked.lock().expect("no test panics here");
        asked.iter().any(|query| query.contains(text))
    }

    /// The series of a query, by their labels; `None` when it is refused.
    fn series(&self, query: &str) -> Option<Vec<Value>> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        let mut asked = self.asked.lock().expect("no test panics here");
        asked.push(query.to_owned());
        if self.refused.is_some_and(|text| query.contains(text)) {
            return None;
        }
        let is_empty = self.empty.is_some_and(|text| query.contains(text));
        if query.starts_with("ALERTS{") {
            return Some(vec![
                json!({ "alertname": "TargetDown", "service_name": "user" }),
            ]);
        }
        if query.contains("scenario_playing") {
            return Some(vec![json!({ "scenario": "hang" })]);
        }
        if query.contains("tls_cert") || is_empty && !query.starts_with("count(") {
            return Some(Vec::new());
        }
        if query.starts_with("sum by (le) (increase") {
            let bounds = ["0.005", "0.01", "0.05", "0.1", "+Inf"];
            return Some(bounds.map(|le| json!({ "le": le })).into());
        }
        let services = ["gateway", "profile", "user"];
        Some(
            services
                .map(|service| {
                    json!({
                        "service_name": service, "instance": "127.0.0.1:9101", "method": "GetUser",
                        "code": "OK", "target": "user", "reason": "UNAVAILABLE", "to": "open",
                        "role": "server", "slo": "latency",
                    })
                })
                .into(),
        )
    }
}

fn parameter<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

fn success(data: &Value) -> Response {
    Json(json!({ "status": "success", "data": data })).into_response()
}

fn refusal() -> Response {
    let body = json!({
        "status": "error",
        "errorType": "bad_data",
        "error": "invalid parameter: 1:7: unexpected end of input",
    });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

async fn instant(State(metrics): State<Metrics>, Query(pairs): Pairs) -> Response {
    let Some(series) = metrics.series(parameter(&pairs, "query")) else {
        return refusal();
    };
    let samples = series.into_iter().zip(1_u8..);
    let result: Vec<_> = samples
        .map(|(labels, number)| json!({ "metric": labels, "value": [1, format!("0.{number}")] }))
        .collect();
    success(&json!({ "resultType": "vector", "result": result }))
}

async fn range(State(metrics): State<Metrics>, Query(pairs): Pairs) -> Response {
    let Some(series) = metrics.series(parameter(&pairs, "query")) else {
        return refusal();
    };
    let number = |name| parameter(&pairs, name).parse::<f64>().expect("a number");
    let (start, end, step) = (number("start"), number("end"), number("step"));
    let lines = series.into_iter().zip(1_u8..);
    let result = lines.map(|(labels, line)| {
        let mut values = Vec::new();
        let mut time = start;
        while time <= end {
            let value = f64::from(line) * (1.2 + (time / 40.0).sin()) / 20.0;
            values.push(json!([time, value.to_string()]));
            time += step;
        }
        json!({ "metric": labels, "values": values })
    });
    let result: Vec<_> = result.collect();
    success(&json!({ "resultType": "matrix", "result": result }))
}

async fn exemplars(Query(pairs): Pairs) -> Response {
    let end: f64 = parameter(&pairs, "end").parse().expect("a number");
    let exemplars: Vec<_> = (1_u8..=5)
        .map(|number| {
            json!({
                "labels": { "trace_id": format!("{number:032x}") },
                "value": "0.05",
                "timestamp": end - f64::from(number) * 30.0,
            })
        })
        .collect();
    let labels = json!({ "service_name": "user", "method": "GetUser" });
    success(&json!([{ "seriesLabels": labels, "exemplars": exemplars }]))
}

async fn values(Path(name): Path<String>) -> Response {
    success(&match name.as_str() {
        "service_name" => json!(["gateway", "profile", "user"]),
        _ => json!(["GetUser", "WatchUser"]),
    })
}

async fn targets(State(metrics): State<Metrics>) -> Response {
    let labels = json!({ "service_name": "shop", "instance": "127.0.0.1:9101" });
    let shop = metrics
        .shop_is_down
        .map(|why| json!({ "labels": labels, "health": "down", "lastError": why }));
    success(&json!({ "activeTargets": shop.as_slice() }))
}

async fn rules() -> Response {
    success(&json!({ "groups": [{ "name": "alerts", "rules": [
        { "type": "alerting", "name": "HighLatency", "state": "inactive", "alerts": [],
          "annotations": { "runbook": "docs/runbooks/high-latency.md" } },
        { "type": "alerting", "name": "TargetDown", "state": "firing",
          "annotations": { "runbook": "docs/runbooks/target-down.md" }, "alerts": [
            { "activeAt": "2026-01-01T00:00:00Z", "annotations": { "summary": "user does not answer" } },
        ] },
    ] }] }))
}
