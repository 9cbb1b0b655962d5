use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Counts the spans that a collector rejected out of batches that it took.
///
/// OTLP calls that a partial success. `opentelemetry-otlp` answers `Ok` to it and says the number
/// in an event of its own log only, so the exporter is polled with this listening: see
/// [`dispatch`](Self::dispatch). A test holds it to the exporter's spelling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejections(Arc<AtomicU64>);

impl Rejections {
    /// What the exporter's own log goes to.
    pub(crate) fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }

    /// The number since it was last taken.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }

    fn hears(metadata: &Metadata<'_>) -> bool {
        metadata.name() == "TonicTracesClient.PartialSuccess"
    }
}

impl Subscriber for Rejections {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::hears(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        Self::hears(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        let mut rejected = Rejected(0);
        event.record(&mut rejected);
        self.0.fetch_add(rejected.0, Ordering::Relaxed);
    }

    // It hears of no span.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Rejected(u64);

impl Visit for Rejected {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "rejected_spans" {
            self.0 = u64::try_from(value).unwrap_or(0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
