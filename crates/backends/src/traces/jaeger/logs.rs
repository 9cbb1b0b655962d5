//! `/api/traces/{id}/logs` and `/api/logs`.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    ancestry::Ancestry,
    convert::KeyValue,
    parameters::Parameters,
    reply::{Failure, Reply},
    traces::bad_id,
};
use crate::traces::{logs::LogRecord, model::TraceId, store::TraceStore};

/// A log record in the manner of Jaeger's JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogLine<'a> {
    /// Microseconds since 1970.
    timestamp: u64,
    /// Empty where the sender named no span.
    #[serde(rename = "spanID")]
    span_id: String,
    service_name: &'a str,
    severity: &'a str,
    target: &'a str,
    body: &'a str,
    fields: Vec<KeyValue<'a>>,
}

/// A log record of any trace.
#[derive(Debug, Serialize)]
struct TraceLogLine<'a> {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(flatten)]
    line: LogLine<'a>,
}

/// How many records `/api/logs` answers without `limit`.
const DEFAULT_LIMIT: usize = 100;

/// The most records of one answer, as many as a search gives traces.
const MAX_LIMIT: usize = 1_500;

/// `GET /api/traces/{id}/logs`: what was logged during a trace, in the order of time. Empty if
/// nothing was logged, or if the records have made room for later ones.
pub(super) async fn of_trace(
    State(store): State<TraceStore>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: TraceId = id.parse().map_err(bad_id)?;
    let mut records = store.logs(id);
    records.sort_by_key(|record| record.time);
    let trace = store.trace(id);
    let ancestry = trace.as_deref().map(Ancestry::new);
    let lines = records.iter().map(|record| {
        let mut line = LogLine::from(&**record);
        // The span may be shown with another id than the one its sender gave it.
        let shown = ancestry.as_ref().zip(record.span_id).and_then(|(it, id)| {
            let place = it.named(id, &record.resource.service, None)?;
            Some(it.id(place))
        });
        if let Some(id) = shown {
            line.span_id = id.to_string();
        }
        line
    });
    Ok(Reply::new(lines.collect()).into_response())
}

/// `GET /api/logs?limit=100`: what was logged last, whatever the trace, the latest first; 1,500
/// records at most.
pub(super) async fn latest(
    State(store): State<TraceStore>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let limit = Parameters::read(pairs, &["limit"], &[])?.number("limit")?;
    let records = store.latest_logs(limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT));
    let lines = records.iter().map(|record| TraceLogLine {
        trace_id: record.trace_id.to_string(),
        line: LogLine::from(&**record),
    });
    Ok(Reply::new(lines.collect()).into_response())
}

impl<'a> From<&'a LogRecord> for LogLine<'a> {
    fn from(record: &'a LogRecord) -> Self {
        Self {
            timestamp: record.time / 1_000,
            span_id: record.span_id.map(|id| id.to_string()).unwrap_or_default(),
            service_name: &record.resource.service,
            severity: &record.severity,
            target: &record.target,
            body: &record.body,
            fields: record.tags.iter().map(KeyValue::from).collect(),
        }
    }
}
