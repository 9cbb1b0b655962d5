//! A document with what is around it: the bar, and the list of all documents.

use axum::response::{Html, IntoResponse, Response};

use super::{
    PAGES,
    render::{Document, escaped},
};
use crate::web::{fresh, policy};

const PAGE: &str = include_str!("../assets/learn.html");

/// The page with the document that has this path.
pub(super) fn of(path: &str, document: &Document) -> Response {
    answer(path, &document.title, &document.html)
}

/// The page for a path at which there is no document.
pub(super) fn unknown(path: &str) -> Response {
    let text = format!(
        "<h1>No such page</h1><p>There is none at <code>{}</code>. Those that are there are listed \
         beside this text.</p>",
        escaped(path)
    );
    answer(path, "No such page", &text)
}

fn answer(path: &str, title: &str, html: &str) -> Response {
    let page = PAGE
        .replace("{title}", &escaped(title))
        .replace("{pages}", &list(path))
        .replace("{document}", html);
    (policy(), fresh(), Html(page)).into_response()
}

/// Links to all documents, in groups.
fn list(current: &str) -> String {
    let groups = ["Start", "Mechanisms", "Runbooks", "Reference"].into_iter();
    let groups = groups.map(|group| {
        let mut pages: Vec<_> = PAGES
            .iter()
            .filter(|(path, _)| group_of(path) == group)
            .collect();
        pages.sort_by_key(|(path, document)| (!path.ends_with("README.md"), &document.title));
        let links = pages.into_iter().map(|(path, document)| {
            let is_current = *path == current;
            let mark = if is_current {
                " aria-current=\"page\""
            } else {
                ""
            };
            let title = escaped(&document.title);
            format!("<li><a href=\"/learn/{path}\"{mark}>{title}</a></li>")
        });
        format!("<h2>{group}</h2><ul>{}</ul>", links.collect::<String>())
    });
    groups.collect()
}

fn group_of(path: &str) -> &'static str {
    match path.strip_prefix("docs/") {
        None => "Start",
        Some(path) if path.starts_with("walkthrough") => "Start",
        Some(path) if path.starts_with("mechanisms/") => "Mechanisms",
        Some(path) if path.starts_with("runbooks/") => "Runbooks",
        Some(_) => "Reference",
    }
}
