//! The span ledger of a service, from its own page.

use super::Process;

/// Where the spans of a service are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) started: u64,
    pub(crate) exported: u64,
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
    pub(crate) queued: u64,
}

impl Ledger {
    /// Asserts what holds on every page: each span is in one place, and no more wait than may.
    pub(crate) async fn of(service: &Process) -> Self {
        let metrics = service.metrics().await;
        let sum = |name: &str| metrics.sum(name, &[]);
        let of = |name: &str| (sum(name), metrics.sum(name, &[("error_type", "")]));
        let (sent, exported) = of("otel_sdk_exporter_span_exported_total");
        let (processed, taken) = of("otel_sdk_processor_span_processed_total");
        let ledger = Self {
            started: sum("otel_sdk_span_started_total"),
            exported,
            failed: sent - exported,
            dropped: processed - taken,
            queued: sum("otel_sdk_processor_span_queue_size"),
        };
        let counted = exported + ledger.lost() + ledger.queued;
        assert_eq!(ledger.started, counted, "{}: {ledger:?}", service.name);
        let capacity = sum("otel_sdk_processor_span_queue_capacity");
        assert!(ledger.queued <= capacity, "{}: {ledger:?}", service.name);
        ledger
    }

    /// Dropped by a full queue, or failed at the collector.
    pub(crate) fn lost(&self) -> u64 {
        self.failed + self.dropped
    }
}
