//! `/api/v3`: Jaeger's public query API, which answers traces as OTLP JSON.
//!
//! ```text
//! GET /api/v3/services
//! GET /api/v3/operations?service=user&spanKind=server
//! GET /api/v3/traces?query.startTimeMin=2026-01-01T00:00:00Z&query.startTimeMax=…
//! GET /api/v3/traces/{id}?startTime=…&endTime=…&rawTraces=true
//! ```
//!
//! Spec: [`api_v3/query_service.proto`](https://github.com/jaegertracing/jaeger-idl/tree/main/proto/api_v3).

mod otlp;
mod query;
mod reply;
mod value;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::{catalog, parameters::Parameters, traces::Form};
use crate::traces::{
    model::TraceId,
    store::{Trace, TraceStore},
};
use otlp::TracesData;
use reply::Failure;

/// The parameters of a request, in order.
type Pairs = Vec<(String, String)>;

/// What is below `/api/v3`.
pub(super) fn api() -> Router<TraceStore> {
    Router::new()
        .route("/services", get(services))
        .route("/operations", get(operations))
        .route("/traces", get(search))
        .route("/traces/{id}", get(one))
}

#[derive(Debug, Serialize)]
struct Services {
    services: Vec<String>,
}

async fn services(State(store): State<TraceStore>) -> Json<Services> {
    let services = catalog::names(store.services());
    Json(Services { services })
}

#[derive(Debug, Serialize)]
struct Operations {
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    span_kind: &'static str,
}

async fn operations(
    State(store): State<TraceStore>,
    Query(pairs): Query<Pairs>,
) -> Result<Json<Operations>, Failure> {
    let parameters = query::parameters(pairs, &["service", "spanKind"])?;
    let service = parameters.text("service").unwrap_or_default();
    let kind = parameters.kind("spanKind")?;
    let operations = catalog::operations_of(&store, service, kind).into_iter();
    let operations = operations.map(|(name, kind)| Operation {
        name: name.to_string(),
        span_kind: kind.name(),
    });
    let operations = operations.collect();
    Ok(Json(Operations { operations }))
}

async fn search(
    State(store): State<TraceStore>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Failure> {
    let parameters = query::parameters(pairs, &query::SEARCH)?;
    let search = query::search(&parameters)?;
    let form = form(&parameters, "query.rawTraces")?;
    // A search may look at every span, so it runs on a thread for blocking work.
    let answer = spawn_blocking(move || answer(&search.run(store.snapshot()), form));
    answer.await.expect("a search does not panic")
}

async fn one(
    State(store): State<TraceStore>,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Failure> {
    let id: TraceId = id.parse()?;
    let parameters = query::parameters(pairs, &["startTime", "endTime", "rawTraces"])?;
    let start = query::time(&parameters, "startTime")?.unwrap_or(0);
    let end = query::time(&parameters, "endTime")?.unwrap_or(u64::MAX);
    let form = form(&parameters, "rawTraces")?;
    let starts_within = |trace: &Arc<Trace>| {
        let mut spans = trace.spans().iter();
        spans.any(|span| (start..=end).contains(&span.start))
    };
    let trace = store.open(id).filter(starts_within);
    answer(trace.as_slice(), form)
}

fn form(parameters: &Parameters, name: &'static str) -> Result<Form, Failure> {
    Ok(Form::raw_if(parameters.switch(name)?))
}

/// All traces in one message: in OTLP, spans with the same trace id are a trace.
fn answer(traces: &[Arc<Trace>], form: Form) -> Result<Response, Failure> {
    /// As gRPC-Gateway wraps a message of a stream.
    #[derive(Debug, Serialize)]
    struct Wrapper<'a> {
        result: TracesData<'a>,
    }
    if traces.is_empty() {
        return Err(Failure::not_found());
    }
    let traces: Vec<_> = traces.iter().map(|trace| form.show(trace)).collect();
    let result = TracesData::new(&traces);
    Ok(Json(Wrapper { result }).into_response())
}
