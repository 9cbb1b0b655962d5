use std::collections::BTreeMap;
use std::fmt;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, IntGauge, Opts};

use super::Ledger;

/// A ledger as Prometheus metrics, under the names of the [SDK conventions][sdk].
///
/// A scrape reads the ledger once, so that the identity holds on every page:
/// `otel_sdk_span_started_total` = `otel_sdk_exporter_span_exported_total` (without an
/// `error_type`, exported; with one, failed) + `otel_sdk_processor_span_processed_total` with an
/// `error_type` (dropped) + `otel_sdk_processor_span_queue_size`.
///
/// [sdk]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/otel/sdk-metrics.md
pub(crate) struct LedgerMetrics {
    read: Box<dyn Fn() -> Ledger + Send + Sync>,
    names: &'static MetricNames,
    descriptions: Vec<Desc>,
}

/// The names of the metrics of one signal, and what they count.
#[derive(Debug)]
pub(crate) struct MetricNames {
    started: Family,
    processed: Family,
    exported: Family,
    live: Option<Family>,
    queue_size: Family,
    queue_capacity: Family,
}

/// A name, and what it counts.
type Family = (&'static str, &'static str);

impl MetricNames {
    /// The metrics of spans.
    pub(crate) const SPANS: Self = Self {
        started: (
            "otel_sdk_span_started_total",
            "Sampled spans that have ended.",
        ),
        processed: (
            "otel_sdk_processor_span_processed_total",
            "Spans that left the queue; with an error_type those that were dropped.",
        ),
        exported: (
            "otel_sdk_exporter_span_exported_total",
            "Spans that were exported; with an error_type those that failed.",
        ),
        live: Some(("otel_sdk_span_live", "Spans that are open.")),
        queue_size: (
            "otel_sdk_processor_span_queue_size",
            "Spans that are queued: they wait or are being sent.",
        ),
        queue_capacity: (
            "otel_sdk_processor_span_queue_capacity",
            "Most spans that may wait.",
        ),
    };

    /// The metrics of log records.
    pub(crate) const LOGS: Self = Self {
        started: (
            "otel_sdk_log_created_total",
            "Log records for the collector.",
        ),
        processed: (
            "otel_sdk_processor_log_processed_total",
            "Log records that left the queue; with an error_type those that were dropped.",
        ),
        exported: (
            "otel_sdk_exporter_log_exported_total",
            "Log records that were exported; with an error_type those that failed.",
        ),
        live: None,
        queue_size: (
            "otel_sdk_processor_log_queue_size",
            "Log records that are queued: they wait or are being sent.",
        ),
        queue_capacity: (
            "otel_sdk_processor_log_queue_capacity",
            "Most log records that may wait.",
        ),
    };
}

impl LedgerMetrics {
    pub(crate) fn new(
        names: &'static MetricNames,
        read: impl Fn() -> Ledger + Send + Sync + 'static,
    ) -> prometheus::Result<Self> {
        let families = Families::new(names, &Ledger::default())?;
        let descriptions = families.each().flat_map(Collector::desc).cloned().collect();
        Ok(Self {
            read: Box::new(read),
            names,
            descriptions,
        })
    }
}

impl fmt::Debug for LedgerMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LedgerMetrics")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Collector for LedgerMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        Families::new(self.names, &(self.read)())
            .expect("the same names and labels were accepted by `LedgerMetrics::new`")
            .each()
            .flat_map(Collector::collect)
            .collect()
    }
}

/// One reading of the ledger as metrics. Made for each scrape, so that no value is ever older or
/// newer than the others.
struct Families {
    counters: [IntCounterVec; 3],
    gauges: Vec<IntGauge>,
}

impl Families {
    fn new(names: &MetricNames, ledger: &Ledger) -> prometheus::Result<Self> {
        let started = counters(names.started, &[])?;
        started
            .with_label_values::<&str>(&[])
            .inc_by(ledger.started);
        let processed = counters(names.processed, &["error_type"])?;
        let sent = ledger.exported + ledger.failed_total();
        let drops = ["queue_full", "shutdown", "already_shutdown"];
        fill(&processed, sent, &drops, &ledger.dropped);
        let exported = counters(names.exported, &["error_type"])?;
        fill(
            &exported,
            ledger.exported,
            &["UNAVAILABLE", "rejected"],
            &ledger.failed,
        );
        let mut gauges = vec![
            gauge(names.queue_size, ledger.queued)?,
            gauge(names.queue_capacity, ledger.capacity)?,
        ];
        if let Some(live) = names.live {
            gauges.push(gauge(live, ledger.live)?);
        }
        Ok(Self {
            counters: [started, processed, exported],
            gauges,
        })
    }

    fn each(&self) -> impl Iterator<Item = &dyn Collector> {
        let counters = self
            .counters
            .iter()
            .map(|counter| counter as &dyn Collector);
        counters.chain(self.gauges.iter().map(|gauge| gauge as &dyn Collector))
    }
}

fn counters((name, help): Family, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(Opts::new(name, help), labels)
}

fn gauge((name, help): Family, value: u64) -> prometheus::Result<IntGauge> {
    let gauge = IntGauge::new(name, help)?;
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    Ok(gauge)
}

/// Writes the successes, then each failure. The `usual` reasons are there at zero from the start:
/// `rate()` misses the first increase of a series that was not there before.
fn fill(
    counter: &IntCounterVec,
    successes: u64,
    usual: &[&'static str],
    failures: &BTreeMap<&'static str, u64>,
) {
    counter.with_label_values(&[""]).inc_by(successes);
    for reason in usual {
        counter.with_label_values(&[reason]);
    }
    for (reason, count) in failures {
        counter.with_label_values(&[reason]).inc_by(*count);
    }
}
