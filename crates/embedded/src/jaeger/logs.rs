//! `/api/traces/{id}/logs`.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    convert::KeyValue,
    reply::{Failure, Reply},
    traces::bad_id,
};
use crate::{TraceStore, log::LogRecord, span::TraceId};

/// A log record in the manner of Jaeger's JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
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

/// `GET /api/traces/{id}/logs`: what was logged during a trace, in the order of time. Empty where
/// nothing was, or where it has made room for later records.
pub(super) async fn of_trace(
    State(store): State<TraceStore>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: TraceId = id.parse().map_err(bad_id)?;
    let mut records = store.logs(id);
    records.sort_by_key(|record| record.time);
    let lines = records.iter().map(|record| Line::from(&**record));
    Ok(Reply::new(lines.collect()).into_response())
}

impl<'a> From<&'a LogRecord> for Line<'a> {
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
