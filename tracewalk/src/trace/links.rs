//! The traces that spans link to: where the work began that they go on with.

use super::{row::Row, summary::full_name, tree::Tree};
use crate::output::Printable;

/// A batch has a link for each of its messages: the first of them are shown.
const MAX_LINKS: usize = 5;

/// A line for each of the traces that have a link to the trace `id`.
pub(super) fn backwards(id: &str, linked: &[(String, Tree)]) -> Vec<String> {
    let line = |(from, tree): &(String, Tree)| {
        let has_link = |row: &&Row| row.span.links.iter().any(|link| link.trace_id == id);
        let row = tree.rows().iter().find(has_link)?;
        let (name, from) = (full_name(row), Printable(from));
        Some(format!("← {name}: its trace {from} has a link to this one"))
    };
    linked.iter().filter_map(line).collect()
}

/// A line for each link, after an empty one; `named` names the span.
pub(super) fn lines(tree: &Tree, named: impl Fn(&Row) -> String) -> Vec<String> {
    let rows = tree.rows().iter();
    let links = rows.flat_map(|row| row.span.links.iter().map(move |link| (row, link)));
    let shown = links.clone().take(MAX_LINKS).map(|(row, link)| {
        let id = Printable(&link.trace_id);
        format!("→ {}: link to trace {id}", named(row))
    });
    let mut drawn: Vec<_> = shown.collect();
    let more = links.count().saturating_sub(MAX_LINKS);
    drawn.extend((more > 0).then(|| format!("→ and {more} more links")));
    if !drawn.is_empty() {
        drawn.insert(0, String::new());
    }
    drawn
}
