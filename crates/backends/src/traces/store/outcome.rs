//! What became of the spans of one export.

use std::fmt;

/// How many spans of an export could not be kept, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InsertOutcome {
    /// The trace id, span id or parent id has the wrong length or is zero.
    pub(crate) bad_ids: u64,
    /// The trace has as many spans as a trace may have.
    pub(crate) trace_full: u64,
}

impl InsertOutcome {
    pub(crate) fn rejected(&self) -> u64 {
        self.bad_ids + self.trace_full
    }
}

/// The sentence for the sender's log.
impl fmt::Display for InsertOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "rejected spans: {} with a bad id, {} beyond the limit of their trace",
            self.bad_ids, self.trace_full
        )
    }
}
