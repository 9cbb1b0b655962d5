//! The pages: the built Jaeger UI, its configuration and its licence.

mod files;
mod page;

pub(crate) use files::content_type;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

/// The terms of the pages, and what was changed in them.
const LICENSES: &str = concat!(
    "The pages of this server are those of Jaeger UI 2.14.1, which is licensed under the Apache\n",
    "License 2.0 (https://github.com/jaegertracing/jaeger-ui). They are served as they were built,\n",
    "except that the configuration and the version are filled in at the marked places of\n",
    "index.html, and that the bundles for legacy browsers are left out.\n\n",
    include_str!("../../../licenses/jaeger-ui.txt"),
);

/// `/static/*`, `/licenses`, and the page for every other path: the UI routes in the browser.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{*path}", get(file))
        .route("/licenses", get(async || LICENSES))
        .fallback(get(index))
}

async fn index() -> Response {
    // The names of the files that the page loads change with the build.
    ([(header::CACHE_CONTROL, "no-cache")], Html(page::index())).into_response()
}

async fn file(Path(path): Path<String>) -> Response {
    let Some(content) = files::content(&format!("static/{path}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, files::content_type(&path)),
        // Each name holds a digest of the content.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}
