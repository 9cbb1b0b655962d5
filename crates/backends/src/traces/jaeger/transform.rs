//! `/api/transform`: shows a file of OTLP JSON without keeping it.

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;

use super::{
    convert,
    reply::{Failure, Reply},
};
use crate::traces::{
    otlp,
    store::{Limits, TraceStore},
};

/// The size of an upload is limited elsewhere: all spans of a file are shown.
const EVERYTHING: Limits = Limits {
    max_spans: usize::MAX,
    max_spans_per_trace: usize::MAX,
    max_bytes: usize::MAX,
    max_log_records: 0,
    max_log_bytes: 0,
};

/// `POST /api/transform`: the UI sends files that a user drops on its search page. Spans that
/// cannot be shown are an error beside the data.
pub(crate) async fn transform(body: Bytes) -> Result<Response, Failure> {
    let answer = spawn_blocking(move || show(&body));
    answer.await.expect("no file makes it panic")
}

fn show(body: &[u8]) -> Result<Response, Failure> {
    let spans = otlp::read_traces(body).map_err(|error| Failure::bad_request(error.to_string()))?;
    let store = TraceStore::new(EVERYTHING);
    let outcome = otlp::insert(&store, spans);
    let refused = (outcome.rejected() > 0).then(|| outcome.to_string());
    let traces = store.snapshot();
    if let (Some(reason), true) = (&refused, traces.is_empty()) {
        return Err(Failure::bad_request(reason.clone()));
    }
    let traces = traces.iter().map(|trace| {
        let mut trace = convert::JaegerTrace::adjusted(trace);
        trace.warn(refused.as_deref());
        trace
    });
    Ok(Reply::new(traces.collect())
        .partial(refused.clone())
        .into_response())
}
