//! The lines below a waterfall: what callers asked to go wrong, and why spans failed.

use super::Layout;
use crate::trace::{Row, Tree, summary, wording::fault};

impl Layout<'_> {
    /// What callers asked to go wrong, and why spans failed, each once, but for what the first line says.
    pub(in crate::trace) fn reasons(
        &self,
        tree: &Tree,
        first_failure: Option<&Row>,
    ) -> Vec<String> {
        let rows = || tree.rows().iter();
        let faults = rows().filter_map(|row| Some((self.full_name(row), fault(row)?)));
        let mut lines: Vec<String> = Vec::new();
        for (name, fault) in faults {
            let line = format!("↯ {name}: {fault}");
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        let mut said: Vec<_> = first_failure.map(summary::reason).into_iter().collect();
        for row in rows().filter(|row| row.span.failed) {
            let reason = summary::reason(row);
            if !said.contains(&reason) {
                said.push(reason);
                lines.push(self.failure("✗", row));
            }
        }
        lines
    }

    /// A span that failed, and why, after this mark.
    pub(in crate::trace) fn failure(&self, mark: &str, row: &Row) -> String {
        let (mark, name) = (self.paint.error(mark), self.full_name(row));
        let line = format!("{mark} {name}: {}", summary::reason(row));
        line.trim_end_matches([':', ' ']).to_owned()
    }
}
