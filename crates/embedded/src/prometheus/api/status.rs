//! What the server says of itself and of the metrics.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{extract::State, http::header, response::IntoResponse};
use serde_json::{Value, json};

use super::{parameters::Parameters, reply::Reply};
use crate::prometheus::{Prometheus, exemplars, metadata::About};

/// The version of Prometheus whose answers these are: Grafana asks what it may ask for.
const VERSION: &str = "3.0.0";

/// `GET /api/v1/metadata`
pub(super) async fn metadata(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Reply<BTreeMap<String, Vec<About>>> {
    Reply(prometheus.scraper.metadata.all(parameters.text("metric")))
}

/// `GET /api/v1/status/buildinfo`
pub(super) async fn build() -> Reply<Value> {
    Reply(json!({
        "version": VERSION,
        "revision": concat!("tracewalk-", env!("CARGO_PKG_VERSION")),
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }))
}

/// `GET /metrics`: how full the store is, by the names that Prometheus has for it.
pub(super) async fn metrics(State(prometheus): State<Prometheus>) -> impl IntoResponse {
    let scraper = &prometheus.scraper;
    let gauges = [
        (
            "prometheus_tsdb_head_series",
            "Series in the store.",
            scraper.samples.len(),
        ),
        (
            "prometheus_tsdb_exemplar_exemplars_in_storage",
            "Exemplars in the store.",
            scraper.exemplars.len(),
        ),
        (
            "prometheus_tsdb_exemplar_max_exemplars",
            "Exemplars that there is room for.",
            exemplars::ROOM,
        ),
    ];
    let mut page = String::new();
    for (name, help, value) in gauges {
        writeln!(
            page,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        )
        .expect("a string takes all");
    }
    let format = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, format)], page)
}
