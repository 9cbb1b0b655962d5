use std::time::Duration;

/// Sends batches to a collector.
///
/// Preparing and sending are apart, so that a retry sends the same bytes again.
pub(crate) trait Exporter<B> {
    /// A batch in the form that travels.
    type Prepared;

    /// Turns a batch into the form that travels.
    fn prepare(&self, batch: B) -> Self::Prepared;

    /// Sends a batch once. Called again with the same batch after [`ExportResult::Retryable`] only.
    async fn send(&mut self, batch: &Self::Prepared) -> ExportResult;
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExportResult {
    /// The collector has the batch, but for the items that it `rejected`.
    Exported { rejected: u64 },
    /// The collector will never take this batch.
    Failed { reason: &'static str },
    /// The collector may take the batch later; after `wait`, where it named one.
    Retryable {
        reason: &'static str,
        wait: Option<Duration>,
    },
}

impl ExportResult {
    /// Nobody answered.
    pub(crate) const UNREACHABLE: Self = Self::Retryable {
        reason: "UNAVAILABLE",
        wait: None,
    };

    /// The collector has the batch. OTLP calls it a partial success where it rejected items, or
    /// has something to say.
    pub(crate) fn exported(partial: Option<(i64, String)>) -> Self {
        let (rejected, said) = partial.unwrap_or_default();
        let rejected = u64::try_from(rejected).unwrap_or(0);
        if rejected > 0 {
            tracing::warn!(rejected, said, "the collector rejected a part of a batch");
        } else if !said.is_empty() {
            tracing::warn!(said, "the collector took a batch with a warning");
        }
        Self::Exported { rejected }
    }
}

/// What became of one batch, after all attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchResult {
    /// The collector has the batch, but for the items that it `rejected`.
    Exported { rejected: u64 },
    /// Every attempt failed, the last one for this reason.
    Failed { reason: &'static str },
}
