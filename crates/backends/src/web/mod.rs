//! The dashboards page: Grafana's dashboards, drawn without Grafana.
//!
//! ```text
//!   grafana/dashboards/*.json ──► definitions ──► /dashboards ─┐
//!   assets/*.{html,css,js}    ──► assets      ──► /, /d/{uid} ─┼─► browser: draws the panels
//!   docs/*.md                 ──► learn       ──► /learn      ─┤
//!   a Prometheus API          ──────────────────► /api/v1     ─┤
//!   the trace store           ──────────────────► /jaeger/api ─┘
//! ```
//!
//! The browser gets the same files that Grafana gets, compiled into this program, and sends their
//! own queries to the server that it came from: no other host, no Node, nothing to build. Start
//! reading at `assets/main.js`; each kind of panel is a file in `assets/panels`.

mod assets;
mod definitions;
mod host;
mod learn;
mod method;
#[cfg(test)]
mod tests;

use std::{future::Future, time::Duration};

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::json;
use tokio::net::TcpListener;

use definitions::Definitions;
pub use definitions::{Site, files};
pub(crate) use host::Host;
pub use host::reachable;

use crate::{
    http::{ServeError, serve as serve_http},
    traces::{jaeger, ui},
};

/// What the browser may load: what this server has, and nothing from elsewhere.
const POLICY: &str = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the page on `listener` until `shutdown` ends. `prometheus` answers below `/api/v1`.
///
/// There is no authentication: bind to a loopback address.
///
/// # Errors
///
/// [`ServeError`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    prometheus: Router,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_http(listener, router(&site, prometheus), shutdown).await
}

/// The page at `/`, `/query` and `/d/{uid}`, what it loads, and what it asks.
///
/// ```
/// # let prometheus = axum::Router::new();
/// use backends::{TraceStore, web::{self, Site}};
///
/// let site = Site {
///     store: TraceStore::default(),
///     jaeger: ([127, 0, 0, 1], 16686).into(),
///     prometheus: ([127, 0, 0, 1], 9090).into(),
///     http: None,
///     scrape_interval: std::time::Duration::from_secs(2),
/// };
/// let router = web::router(&site, prometheus);
/// ```
pub fn router(site: &Site, prometheus: Router) -> Router {
    let definitions = Definitions::new(site);
    Router::new()
        .route("/", get(page))
        .route("/query", get(page))
        .route("/graph", get(page))
        .route("/d/{uid}", get(dashboard))
        .route("/d/{uid}/{title}", get(dashboard_with_title))
        .route("/assets/{*path}", get(asset))
        .route(
            "/dashboards",
            get(async move |uri: Uri, headers: HeaderMap| {
                let kind = [(header::CONTENT_TYPE, "application/json")];
                let answer = definitions.answer(&Host::of(&uri, &headers));
                (kind, fresh(), answer).into_response()
            }),
        )
        .merge(learn::router())
        .merge(method::router(site.store.clone()))
        .nest("/jaeger/api", jaeger::api().with_state(site.store.clone()))
        .merge(prometheus)
}

/// The query page alone, for the port of the Prometheus API: `/query` and `/graph`, as Prometheus has
/// them, and what they load.
pub(crate) fn query_page(scrape_interval: Duration) -> Router {
    let site =
        json!({ "site": { "scrape_seconds": scrape_interval.as_secs_f64() }, "dashboards": [] });
    Router::new()
        .route("/", get(async || Redirect::temporary("/query")))
        .route("/query", get(page))
        .route("/graph", get(page))
        .route("/dashboards", get(async || Json(site)))
        .route("/assets/{*path}", get(asset))
}

async fn page() -> Response {
    (policy(), fresh(), Html(assets::PAGE)).into_response()
}

fn policy() -> [(header::HeaderName, &'static str); 1] {
    [(header::CONTENT_SECURITY_POLICY, POLICY)]
}

/// An unknown dashboard gets the page too: it says that there is no such dashboard.
async fn dashboard(Path(uid): Path<String>) -> Response {
    let status = if definitions::is_known(&uid) {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    (status, page().await).into_response()
}

/// Grafana has the same port and writes the title into its URLs, so bookmarks may have the title.
async fn dashboard_with_title(Path((uid, _title)): Path<(String, String)>) -> Response {
    dashboard(Path(uid)).await
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some(content) = assets::content(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = [(header::CONTENT_TYPE, ui::content_type(&path))];
    (kind, fresh(), content).into_response()
}

/// Browsers must not keep the files: a new version of this program has others of the same names.
fn fresh() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-cache")]
}
