//! Metadata of metrics, targets, and the version and metrics of the server itself.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{extract::State, http::header, response::IntoResponse};
use serde::Serialize;
use serde_json::{Value, json};

use super::{parameters::Parameters, reply::Reply, state::Api};
use crate::{
    metrics::{
        scrape::TargetReply,
        tsdb::{EXEMPLAR_CAPACITY, MetricMetadata},
    },
    traces::Stats,
};

/// The version of Prometheus whose API this is: by it, Grafana decides which requests it can send.
const VERSION: &str = "3.0.0";

/// `GET /api/v1/metadata`
pub(super) async fn metadata(
    State(api): State<Api>,
    parameters: Parameters,
) -> Reply<BTreeMap<String, Vec<MetricMetadata>>> {
    Reply(api.tsdb.metadata.all(parameters.text("metric")))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    active_targets: Vec<TargetReply>,
    /// Always empty: nothing is left out.
    dropped_targets: Vec<TargetReply>,
}

/// `GET /api/v1/targets`
pub(super) async fn targets(State(api): State<Api>, parameters: Parameters) -> Reply<Targets> {
    let active_targets = match parameters.text("state") {
        Some("dropped") => Vec::new(),
        _ => api.scraper.targets(),
    };
    Reply(Targets {
        active_targets,
        dropped_targets: Vec::new(),
    })
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

/// `GET /metrics`: how full the stores are. The metrics of samples and exemplars have Prometheus'
/// names, those of traces have our own.
pub(super) async fn metrics(State(api): State<Api>) -> impl IntoResponse {
    let gauges = [
        (
            "prometheus_tsdb_head_series",
            "Series in the store.",
            api.tsdb.samples.len(),
        ),
        (
            "prometheus_tsdb_exemplar_exemplars_in_storage",
            "Exemplars in the store.",
            api.tsdb.exemplars.len(),
        ),
        (
            "prometheus_tsdb_exemplar_max_exemplars",
            "Exemplars that there is room for.",
            EXEMPLAR_CAPACITY,
        ),
    ];
    let mut page = String::new();
    for (name, help, value) in gauges {
        family(&mut page, name, "gauge", help, [("", value as u64)]);
    }
    if let Some(traces) = &api.traces {
        store(&mut page, &traces.stats());
    }
    let format = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, format)], page)
}

/// The counts of the trace store: spans that are kept, evicted or rejected, and refused requests.
fn store(page: &mut String, stats: &Stats) {
    let counters = [
        (
            "trace_store_evicted_spans_total",
            "Spans that made room for later ones.",
            stats.evicted_spans,
        ),
        (
            "trace_store_evicted_log_records_total",
            "Log records that made room for later ones.",
            stats.evicted_log_records,
        ),
    ];
    let gauges = [
        ("trace_store_traces", "Traces in the store.", stats.traces),
        ("trace_store_spans", "Spans in the store.", stats.spans),
        (
            "trace_store_log_records",
            "Log records in the store.",
            stats.log_records,
        ),
    ];
    for (name, help, value) in gauges {
        family(page, name, "gauge", help, [("", value as u64)]);
    }
    for (name, help, value) in counters {
        family(page, name, "counter", help, [("", value)]);
    }
    let rejected = [
        ("bad_id", stats.bad_ids),
        ("trace_full", stats.beyond_limit),
    ];
    let help = "Spans that were never stored, by reason.";
    let name = "trace_store_rejected_spans_total";
    family(page, name, "counter", help, rejected);
    let help = "Requests to the OTLP endpoint that were refused as a whole, by reason.";
    let name = "otlp_receiver_refused_requests_total";
    let refused = stats.refused_requests.by_reason();
    family(page, name, "counter", help, refused);
}

/// One family, with a series for each reason, or with a single one where the reason is empty.
fn family(
    page: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    values: impl IntoIterator<Item = (&'static str, u64)>,
) {
    writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}").expect(TAKES_ALL);
    for (reason, value) in values {
        let written = match reason {
            "" => writeln!(page, "{name} {value}"),
            _ => writeln!(page, "{name}{{reason=\"{reason}\"}} {value}"),
        };
        written.expect(TAKES_ALL);
    }
}

const TAKES_ALL: &str = "a string takes all";
