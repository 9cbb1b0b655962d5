//! Prometheus' HTTP API, as Grafana and other clients call it.
//!
//! Each answer has the same envelope ([`reply`]); parameters come in the URL or in a form.

mod admission;
mod answer;
mod exemplars;
mod labels;
mod parameters;
mod query;
mod reply;
mod rules;
mod state;
mod status;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, get},
};

pub(crate) use admission::Admission;
use reply::Failure;
pub(crate) use state::Api;

/// The largest form: a long query is 64 KiB.
const MAX_FORM_BYTES: usize = 1024 * 1024;

/// All of `/api/v1`, `/-/…` and `/metrics`.
pub(super) fn router(api: Api) -> Router {
    let routes = Router::new()
        .route("/query", both(query::instant))
        .route("/query_range", both(query::range))
        .route("/query_exemplars", both(exemplars::query))
        .route("/labels", both(labels::names))
        .route("/label/{name}/values", get(labels::values))
        .route("/series", both(labels::series))
        .route("/metadata", get(status::metadata))
        .route("/rules", get(rules::rules))
        .route("/alerts", get(rules::alerts))
        .route("/targets", get(status::targets))
        .route("/status/buildinfo", get(status::build))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .fallback(async || Failure::not_found("no such API"));
    Router::new()
        .nest("/api/v1", routes)
        .route(
            "/-/healthy",
            get(async || "Prometheus Server is Healthy.\n"),
        )
        .route("/-/ready", get(async || "Prometheus Server is Ready.\n"))
        .route("/metrics", get(status::metrics))
        .with_state(api)
}

/// Accepts GET, and POST for queries that are too long for a URL.
fn both<H, T>(handler: H) -> MethodRouter<Api>
where
    H: axum::handler::Handler<T, Api>,
    T: 'static,
{
    get(handler.clone()).post(handler)
}
