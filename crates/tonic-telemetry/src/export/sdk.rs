use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::queue::{ExportResult, Exporter};

/// A [`SpanExporter`] that is not ours: that of `opentelemetry-otlp` for HTTP, or one that the
/// program hands in for a test or for another protocol.
///
/// The errors of such an exporter do not say whether a retry would help. If its `answer` is known,
/// the answer decides; otherwise no batch is retried.
#[derive(Debug)]
pub(crate) struct SdkExporter<E> {
    pub(crate) exporter: E,
    pub(crate) answer: Answer,
}

impl<E: SpanExporter> Exporter<Vec<SpanData>> for SdkExporter<E> {
    type Prepared = Vec<SpanData>;

    fn prepare(&self, spans: Vec<SpanData>) -> Self::Prepared {
        spans
    }

    async fn send(&mut self, batch: &Self::Prepared) -> ExportResult {
        let exported = self.exporter.export(batch.clone()).await;
        self.answer.take().unwrap_or(match exported {
            Ok(()) => ExportResult::Exported { rejected: 0 },
            Err(_) => ExportResult::Failed {
                reason: "exporter_error",
            },
        })
    }
}

/// The answer to the request that an exporter made last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer(Arc<Mutex<Option<ExportResult>>>);

impl Answer {
    /// The answer since it was last taken; `None` where no request was made.
    pub(crate) fn take(&self) -> Option<ExportResult> {
        self.set(None)
    }

    pub(super) fn set(&self, result: Option<ExportResult>) -> Option<ExportResult> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *last, result)
    }
}
