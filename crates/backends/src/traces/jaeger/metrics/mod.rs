//! `/api/metrics/*`: rates and latencies for the Monitor page, computed from the stored spans.
//!
//! Jaeger asks Prometheus for these. The store has the spans themselves, so the quantiles are
//! exact; but it drops old traces, so the figures reach back only to its oldest trace.

mod family;
mod request;
mod samples;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::task::spawn_blocking;

use super::{
    parameters::{Parameters, now},
    reply::Failure,
};
use crate::traces::store::TraceStore;
use family::Family;
use request::{Metric, REPEATED, Request, SINGLE};
use samples::Samples;

/// `GET /api/metrics/minstep`: the least step between points, in milliseconds.
pub(crate) async fn min_step() -> Response {
    let reply = json!({ "data": 1, "total": 0, "limit": 0, "offset": 0, "errors": null });
    axum::Json(reply).into_response()
}

/// `GET /api/metrics/{latencies,calls,errors}`
pub(crate) async fn metrics(
    State(store): State<TraceStore>,
    Path(metric): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let metric = Metric::named(&metric).ok_or(Failure::not_found("no such metric"))?;
    let parameters = Parameters::read(pairs, &SINGLE, &REPEATED)?;
    let request = Request::read(metric, &parameters, now())?;
    // It looks at every span of the store, so it runs on a thread for blocking work.
    let answer = spawn_blocking(move || {
        let samples = Samples::collect(&store.snapshot(), &request);
        axum::Json(Family::new(&request, &samples)).into_response()
    });
    Ok(answer.await.expect("the metrics do not panic"))
}
