//! `/api/traces`.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;

use super::{
    convert,
    parameters::Parameters,
    reply::{Failure, Reply},
    search::Search,
};
use crate::{
    TraceStore,
    span::{BadId, TraceId},
    store,
};

/// `GET /api/traces`: a search, or the traces named by `traceID`, which may be repeated.
pub(crate) async fn search(
    State(store): State<TraceStore>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let parameters = Parameters::new(pairs);
    if parameters.text("traceID").is_some() {
        return by_ids(&store, &parameters);
    }
    let search = Search::read(&parameters, super::now())?;
    // A search may look at every span, so it leaves the threads that answer calls alone.
    let answer = spawn_blocking(move || answer(&search.run(store.snapshot()), &[]));
    Ok(answer.await.expect("a search does not panic"))
}

/// `GET /api/traces/{id}`
pub(crate) async fn one(
    State(store): State<TraceStore>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: TraceId = id.parse().map_err(bad_id)?;
    let trace = store
        .trace(id)
        .ok_or(Failure::not_found("trace not found"))?;
    Ok(answer(&[trace], &[]))
}

fn by_ids(store: &TraceStore, parameters: &Parameters) -> Result<Response, Failure> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for id in parameters.all("traceID") {
        let id: TraceId = id.parse().map_err(bad_id)?;
        match store.trace(id) {
            Some(trace) => found.push(trace),
            None => missing.push(id),
        }
    }
    Ok(answer(&found, &missing))
}

fn answer(traces: &[Arc<store::Trace>], missing: &[TraceId]) -> Response {
    let traces = traces.iter().map(|trace| convert::Trace::from(&**trace));
    Reply::new(traces.collect())
        .missing(missing)
        .into_response()
}

pub(super) fn bad_id(reason: BadId) -> Failure {
    Failure::bad_request(reason.to_string())
}
