use serde::Serialize;

use super::jaeger::Span;

/// Deeper levels are not drawn as lines, so their rows need not remember all ancestors.
pub(super) const MAX_DRAWN_DEPTH: usize = 24;

/// One row of a waterfall.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) span: Span,
    /// The span above it in the tree; `None` for a root, and for one whose parent is not there.
    pub(crate) parent_id: Option<String>,
    pub(crate) depth: usize,
    /// Whether it is the last child of its parent, and so for each of its ancestors from the root.
    #[serde(skip)]
    pub(crate) last: Vec<bool>,
    /// Whether its parent is missing in the trace.
    pub(crate) orphan: bool,
    /// How long it ran while none of its children did, in microseconds.
    pub(crate) self_us: u64,
    /// How much of the trace's time is its own: its part of the critical path, in microseconds.
    pub(crate) critical_path_us: u64,
}

impl Row {
    /// In microseconds since 1970.
    pub(super) fn end(&self) -> u64 {
        self.span.start.saturating_add(self.span.duration)
    }
}
