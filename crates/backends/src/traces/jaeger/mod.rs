//! Jaeger's HTTP query API, as its UI 2.14 calls it, and the UI itself.
//!
//! Jaeger calls this API internal, but it is stable, and other tools use it too; `v3` is the public
//! one.
//! Each answer has the same envelope. An unknown parameter is refused: if it were ignored, the
//! client would not notice. `/api/traces/{id}/logs` and `/api/logs` are ours: Jaeger keeps no logs.

mod ancestry;
mod catalog;
mod convert;
mod dependencies;
mod logs;
mod metrics;
mod parameters;
mod pretty;
mod reply;
mod search;
mod traces;
mod transform;
mod v3;

use std::{future::Future, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    middleware::from_fn,
    routing::{get, post},
};
use tokio::net::TcpListener;

use super::{
    store::{Stats, TraceStore},
    ui,
};
use crate::http::{ServeError, serve as serve_http};
use reply::Failure;

/// Largest trace file that the UI may upload.
const MAX_UPLOAD_BYTES: usize = 64 * 1024 * 1024;

/// Serves the Jaeger UI, and the query API that it calls, on `listener` until `shutdown` ends.
///
/// The pages are at `/`, the API below `/api`, the licence of the UI at `/licenses`, and
/// `/status` answers 200 with the [`Stats`] of the store. With the address of the [dashboards
/// page](crate::web), the method of a span leads to its panels there. There is no authentication: bind to a
/// loopback address.
///
/// # Errors
///
/// [`ServeError`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    store: TraceStore,
    dashboards: Option<SocketAddr>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_http(listener, router(store, dashboards), shutdown).await
}

/// What [`serve`] serves, for a server of your own.
pub fn router(store: TraceStore, dashboards: Option<SocketAddr>) -> Router {
    Router::new()
        .nest("/api", api())
        .route("/status", get(status))
        .merge(ui::router(dashboards))
        .with_state(store)
}

/// What is below `/api`.
pub(crate) fn api() -> Router<TraceStore> {
    Router::new()
        .route("/services", get(catalog::services))
        .route(
            "/services/{service}/operations",
            get(catalog::operation_names),
        )
        .route("/operations", get(catalog::operations))
        .route("/traces", get(traces::search))
        .route("/traces/{id}", get(traces::one))
        .route("/traces/{id}/logs", get(logs::of_trace))
        .route("/logs", get(logs::latest))
        .route("/dependencies", get(dependencies::dependencies))
        .route("/metrics/minstep", get(metrics::min_step))
        .route("/metrics/{metric}", get(metrics::metrics))
        .route("/transform", post(transform::transform))
        .nest("/v3", v3::api())
        .layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES))
        .fallback(async || Failure::not_found("no such API"))
        .layer(from_fn(pretty::print))
}

async fn status(State(store): State<TraceStore>) -> Json<Stats> {
    Json(store.stats())
}
