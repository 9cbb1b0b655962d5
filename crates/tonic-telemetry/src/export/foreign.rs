use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::{Answer, Destination, Outcome};

/// A [`SpanExporter`] that is not ours: that of `opentelemetry-otlp` for HTTP, or one that the
/// program hands in for a test or for another protocol.
///
/// The errors of such an exporter do not say whether trying again would help. Where its `answer`
/// is known, that decides; else nothing is tried again.
#[derive(Debug)]
pub(crate) struct Foreign<E> {
    pub(crate) exporter: E,
    pub(crate) answer: Answer,
}

impl<E: SpanExporter> Destination<SpanData> for Foreign<E> {
    type Batch = Vec<SpanData>;

    fn prepare(&self, items: Vec<SpanData>) -> Self::Batch {
        items
    }

    async fn send(&mut self, batch: &Self::Batch) -> Outcome {
        let exported = self.exporter.export(batch.clone()).await;
        self.answer.take().unwrap_or(match exported {
            Ok(()) => Outcome::Delivered { rejected: 0 },
            Err(_) => Outcome::Refused {
                reason: "exporter_error",
            },
        })
    }
}
