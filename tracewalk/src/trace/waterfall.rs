//! Lines of text: the tree on the left, the bars on the right.

use super::{
    layout::Layout,
    links,
    logs::{self, Logged},
    paint::Paint,
    repeats, summary,
    tree::Tree,
};
use crate::output::Printable;

/// Narrower than this the columns would be empty; the terminal wraps the lines then.
const MIN_WIDTH: usize = 60;

/// Draws the trace for a terminal of this width.
pub(super) fn lines(
    id: &str,
    tree: &Tree,
    logs: &[Logged],
    width: usize,
    paint: Paint,
) -> Vec<String> {
    let width = width.max(MIN_WIDTH);
    // Lines of the log stand below the span that logged them.
    let groups = match logs {
        [] => repeats::groups(tree.rows()),
        _ => tree.rows().chunks(1).collect(),
    };
    let layout = Layout::new(tree, &groups, width, paint);
    let first_failure = summary::first_failure(tree);
    let look_at = match first_failure {
        Some(row) => Some(layout.failure("first failure:", row)),
        None => summary::most_time(tree),
    };
    let mut lines: Vec<_> = look_at.into_iter().collect();
    lines.extend([
        format!("trace {}", paint.bold(Printable(id))),
        paint.dim(layout.summary(tree)),
        paint.dim(layout.head(tree.duration())),
    ]);
    for group in groups {
        lines.push(layout.row(group, tree));
        lines.extend(logs::below(&group[0], logs, tree.start(), width, paint));
    }
    lines.extend(logs::elsewhere(tree, logs, width, paint));
    lines.extend(links::lines(tree, |row| layout.full_name(row)));
    let reasons = layout.reasons(tree, first_failure);
    let times = summary::deadlines(tree)
        .into_iter()
        .chain(summary::critical_path(tree, width));
    for mut block in [reasons, times.map(|line| paint.dim(line)).collect()] {
        if !block.is_empty() {
            lines.push(String::new());
            lines.append(&mut block);
        }
    }
    lines
}
