//! `/api/traces`.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;

use super::{
    convert,
    parameters::BadParameter,
    parameters::{Parameters, now},
    reply::{Failure, Reply},
    search::{self, Search},
};
use crate::traces::{
    model::{BadId, TraceId},
    store::{self, TraceStore},
};

/// `GET /api/traces`: a search, or the traces named by `traceID`, which may be repeated. As in
/// Jaeger, a request with `traceID` gets these traces, whatever its other parameters say.
pub(crate) async fn search(
    State(store): State<TraceStore>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let parameters = search::parameters(pairs)?;
    let search = Search::read(&parameters, now())?;
    let form = Form::read(&parameters)?;
    if parameters.text("traceID").is_some() {
        return by_ids(&store, &parameters, form);
    }
    // A search may look at every span, so it runs on a thread for blocking work.
    let answer = spawn_blocking(move || answer(&search.run(store.snapshot()), &[], form));
    Ok(answer.await.expect("a search does not panic"))
}

/// `GET /api/traces/{id}`; with `start` and `end`, in microseconds, if a span started in between.
pub(crate) async fn one(
    State(store): State<TraceStore>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let id: TraceId = id.parse().map_err(bad_id)?;
    let parameters = Parameters::read(pairs, &["start", "end", "raw", "prettyPrint"], &[])?;
    let form = Form::read(&parameters)?;
    let start: Option<u64> = parameters.number("start")?;
    let end: Option<u64> = parameters.number("end")?;
    let range = start.unwrap_or(0)..=end.unwrap_or(u64::MAX);
    let starts_within = |trace: &Arc<store::Trace>| {
        let mut spans = trace.spans().iter();
        spans.any(|span| range.contains(&(span.start / 1_000)))
    };
    let trace = store
        .open(id)
        .filter(starts_within)
        .ok_or_else(|| Failure::not_found(missing(&store, id)))?;
    Ok(answer(&[trace], &[], form))
}

/// How traces are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// As the UI draws them.
    Adjusted,
    /// As they were sent.
    Raw,
}

impl Form {
    fn read(parameters: &Parameters) -> Result<Self, BadParameter> {
        parameters.switch("raw").map(Self::raw_if)
    }

    pub(super) fn raw_if(is_raw: bool) -> Self {
        if is_raw { Self::Raw } else { Self::Adjusted }
    }

    pub(super) fn show(self, trace: &store::Trace) -> convert::JaegerTrace<'_> {
        match self {
            Self::Adjusted => convert::JaegerTrace::adjusted(trace),
            Self::Raw => convert::JaegerTrace::raw(trace),
        }
    }
}

fn by_ids(store: &TraceStore, parameters: &Parameters, form: Form) -> Result<Response, Failure> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for id in parameters.all("traceID") {
        let id: TraceId = id.parse().map_err(bad_id)?;
        match store.open(id) {
            Some(trace) => found.push(trace),
            None => missing.push((id, self::missing(store, id))),
        }
    }
    Ok(answer(&found, &missing, form))
}

/// Why a trace is not there.
fn missing(store: &TraceStore, id: TraceId) -> &'static str {
    if store.was_evicted(id) {
        "trace evicted: it made room for later ones"
    } else {
        "trace not found"
    }
}

fn answer(traces: &[Arc<store::Trace>], missing: &[(TraceId, &str)], form: Form) -> Response {
    let traces = traces.iter().map(|trace| form.show(trace));
    Reply::new(traces.collect())
        .missing(missing)
        .into_response()
}

pub(super) fn bad_id(reason: BadId) -> Failure {
    Failure::bad_request(reason.to_string())
}
