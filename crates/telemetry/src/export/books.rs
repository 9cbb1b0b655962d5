use std::collections::BTreeMap;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, IntGauge, Opts};

use super::{Ledger, SpanQueue};

/// The span ledger as Prometheus metrics, under the names of the [SDK conventions][sdk].
///
/// A scrape reads the ledger once, so that the identity holds on every page:
/// `otel_sdk_span_started_total` = `otel_sdk_exporter_span_exported_total` (without an
/// `error_type`, exported; with one, failed) + `otel_sdk_processor_span_processed_total` with an
/// `error_type` (dropped) + `otel_sdk_processor_span_queue_size`.
///
/// [sdk]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/otel/sdk-metrics.md
#[derive(Debug)]
pub(crate) struct Books {
    spans: SpanQueue,
    descriptions: Vec<Desc>,
}

impl Books {
    pub(crate) fn new(spans: SpanQueue) -> prometheus::Result<Self> {
        let families = Families::new(&Ledger::default())?;
        let descriptions = families.each().flat_map(Collector::desc).cloned().collect();
        Ok(Self {
            spans,
            descriptions,
        })
    }
}

impl Collector for Books {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        Families::new(&self.spans.ledger())
            .expect("the same names and labels were accepted by `Books::new`")
            .each()
            .flat_map(Collector::collect)
            .collect()
    }
}

/// One reading of the ledger as metrics. Made for each scrape, so that no value is ever older or
/// newer than the others.
struct Families {
    started: IntCounterVec,
    processed: IntCounterVec,
    exported: IntCounterVec,
    gauges: [IntGauge; 3],
}

impl Families {
    fn new(ledger: &Ledger) -> prometheus::Result<Self> {
        let families = Self {
            started: counters(STARTED, &[])?,
            processed: counters(PROCESSED, &["error_type"])?,
            exported: counters(EXPORTED, &["error_type"])?,
            gauges: [
                gauge(LIVE, ledger.live)?,
                gauge(QUEUE_SIZE, ledger.queued)?,
                gauge(QUEUE_CAPACITY, ledger.capacity)?,
            ],
        };
        families
            .started
            .with_label_values::<&str>(&[])
            .inc_by(ledger.started);
        let sent = ledger.exported + ledger.failed_total();
        let drops = ["queue_full", "shutdown", "already_shutdown"];
        fill(&families.processed, sent, &drops, &ledger.dropped);
        let failures = ["UNAVAILABLE", "rejected"];
        fill(
            &families.exported,
            ledger.exported,
            &failures,
            &ledger.failed,
        );
        Ok(families)
    }

    fn each(&self) -> impl Iterator<Item = &dyn Collector> {
        let counters: [&dyn Collector; 3] = [&self.started, &self.processed, &self.exported];
        let gauges = self.gauges.iter().map(|gauge| gauge as &dyn Collector);
        counters.into_iter().chain(gauges)
    }
}

/// A name, and what it counts.
type Family = (&'static str, &'static str);

const STARTED: Family = (
    "otel_sdk_span_started_total",
    "Sampled spans that have ended.",
);
const PROCESSED: Family = (
    "otel_sdk_processor_span_processed_total",
    "Spans that left the queue; with an error_type those that were dropped, and never sent.",
);
const EXPORTED: Family = (
    "otel_sdk_exporter_span_exported_total",
    "Spans that were sent; with an error_type those that the collector did not take.",
);
const LIVE: Family = ("otel_sdk_span_live", "Spans that are open.");
const QUEUE_SIZE: Family = (
    "otel_sdk_processor_span_queue_size",
    "Spans that wait or are being sent.",
);
const QUEUE_CAPACITY: Family = (
    "otel_sdk_processor_span_queue_capacity",
    "Most spans that may wait or be on their way.",
);

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
