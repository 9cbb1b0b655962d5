use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::{Destination, Outcome};

/// A [`SpanExporter`] of the program, for a test or another protocol.
///
/// Its errors do not say whether trying again would help, so nothing is retried here.
#[derive(Debug)]
pub(crate) struct Foreign<E>(pub(crate) E);

impl<E: SpanExporter> Destination<SpanData> for Foreign<E> {
    type Batch = Vec<SpanData>;

    fn prepare(&self, items: Vec<SpanData>) -> Self::Batch {
        items
    }

    async fn send(&mut self, batch: &mut Self::Batch) -> Outcome {
        match self.0.export(std::mem::take(batch)).await {
            Ok(()) => Outcome::Delivered { rejected: 0 },
            Err(_) => Outcome::Refused {
                reason: "exporter_error",
            },
        }
    }
}
