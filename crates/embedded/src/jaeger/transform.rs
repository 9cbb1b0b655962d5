//! `/api/transform`: shows a file of OTLP JSON without keeping it.

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use opentelemetry_proto::tonic::trace::v1::TracesData;

use super::{
    convert,
    reply::{Failure, Reply},
};
use crate::{Limits, TraceStore};

/// `POST /api/transform`: the UI sends files that a user drops on its search page.
pub(crate) async fn transform(body: Bytes) -> Result<Response, Failure> {
    let file: TracesData = serde_json::from_slice(&body)
        .map_err(|error| Failure::bad_request(format!("no OTLP JSON: {error}")))?;
    let store = TraceStore::new(Limits {
        max_spans: usize::MAX,
        ..Limits::default()
    });
    store.insert(file.resource_spans);
    let traces = store.snapshot();
    let traces = traces.iter().map(|trace| convert::Trace::adjusted(trace));
    Ok(Reply::new(traces.collect()).into_response())
}
