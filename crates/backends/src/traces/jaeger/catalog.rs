//! `/api/services` and the operations of a service.

use axum::extract::{Path, Query, State};
use serde::Serialize;

use super::{
    parameters::Parameters,
    reply::{Failure, Reply},
};
use crate::{
    intern::Text,
    traces::{model::SpanKind, store::TraceStore},
};

/// `GET /api/services`: every service that has a span in the store, as root or not.
pub(crate) async fn services(State(store): State<TraceStore>) -> Reply<String> {
    Reply::new(names(store.services()))
}

/// `GET /api/services/{service}/operations`: the names for the search form.
pub(crate) async fn operation_names(
    State(store): State<TraceStore>,
    Path(service): Path<String>,
) -> Reply<String> {
    let operations = store.operations(&service).into_iter();
    let mut operations = names(operations.map(|(name, _)| name).collect());
    // One name can have several kinds, and they are next to each other.
    operations.dedup();
    Reply::new(operations)
}

/// An operation and its kind.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    name: String,
    span_kind: &'static str,
}

/// `GET /api/operations?service=user&spanKind=server`
pub(crate) async fn operations(
    State(store): State<TraceStore>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Reply<Operation>, Failure> {
    let parameters = Parameters::read(pairs, &["service", "spanKind"], &[])?;
    let kind = parameters.kind("spanKind")?;
    let missing = || Failure::bad_request("parameter 'service' is required".to_owned());
    let service = parameters.text("service").ok_or_else(missing)?;
    let operations = operations_of(&store, service, kind).into_iter();
    let operations = operations.map(|(name, kind)| Operation {
        name: name.to_string(),
        span_kind: kind.name(),
    });
    Ok(Reply::new(operations.collect()))
}

/// The operations of a service, of one kind or of all.
pub(super) fn operations_of(
    store: &TraceStore,
    service: &str,
    kind: Option<SpanKind>,
) -> Vec<(Text, SpanKind)> {
    let mut operations = store.operations(service);
    operations.retain(|(_, own)| kind.is_none_or(|kind| *own == kind));
    operations
}

pub(super) fn names(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|text| text.to_string()).collect()
}
