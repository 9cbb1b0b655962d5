//! The documents of the repository as pages below `/learn`, each at its path in the repository: so a
//! relative link leads to the same place here and on a code host.

mod links;
mod page;
mod panels;
mod render;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::fresh;
use crate::traces::ui;
pub(super) use panels::with_pages;
use render::{Document, render};

/// Path in the repository and content, embedded by `build.rs`.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// Where a reader starts.
const FIRST: &str = "README.md";

/// Path and content of all pages.
static PAGES: LazyLock<BTreeMap<&str, Document>> = LazyLock::new(|| {
    texts()
        .map(|(path, text)| (path, render(path, &text)))
        .collect()
});

/// Path and Markdown of each document.
fn texts() -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
    let texts = FILES.iter();
    let texts = texts.filter(|(path, _)| path.rsplit('.').next() == Some("md"));
    texts.map(|(path, text)| (*path, String::from_utf8_lossy(text)))
}

fn content(path: &str) -> Option<&'static [u8]> {
    let (_, content) = FILES.iter().find(|(own, _)| *own == path)?;
    Some(content)
}

pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let first = async || Redirect::temporary(&format!("/learn/{FIRST}"));
    Router::new()
        .route("/learn", get(first))
        .route("/learn/", get(first))
        .route("/learn/{*path}", get(document))
}

async fn document(Path(path): Path<String>) -> Response {
    if let Some(document) = PAGES.get(path.as_str()) {
        return page::of(&path, document).into_response();
    }
    match content(&path) {
        Some(content) => {
            let kind = [(header::CONTENT_TYPE, ui::content_type(&path))];
            (kind, fresh(), content).into_response()
        }
        None => (StatusCode::NOT_FOUND, page::unknown(&path)).into_response(),
    }
}
