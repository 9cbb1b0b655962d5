//! What waits, and for how long.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use database::{Columns as _, FromRow, Row, RowError};
#[cfg(feature = "kafka")]
use prometheus::IntGaugeVec;
use prometheus::{
    Gauge, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::event::now_ms;

/// What waits in a table, as it was counted last.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    count: IntGauge,
    oldest_ms: Arc<AtomicI64>,
}

/// A row that counts what waits.
pub(crate) struct Count {
    events: i64,
    oldest_ms: i64,
    due_ms: i64,
}

impl FromRow<'_, Row> for Count {
    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self {
            events: row.try_get(0)?,
            oldest_ms: row.try_get::<Option<i64>, _>(1)?.unwrap_or(0),
            due_ms: row.try_get::<Option<i64>, _>(2)?.unwrap_or(0),
        })
    }
}

impl Waiting {
    fn register(registry: &Registry, names: [(&str, &str); 2]) -> prometheus::Result<Self> {
        let [(count, count_help), (age, age_help)] = names;
        let count = IntGauge::new(count, count_help)?;
        registry.register(Box::new(count.clone()))?;
        let oldest_ms = Arc::default();
        registry.register(Box::new(Age {
            gauge: Gauge::new(age, age_help)?,
            oldest_ms: Arc::clone(&oldest_ms),
        }))?;
        Ok(Self { count, oldest_ms })
    }

    /// Keeps the count; returns when the first event is due, in milliseconds since the Unix epoch,
    /// or `None` when none waits.
    pub(crate) fn set(&self, found: &Count) -> Option<i64> {
        self.count.set(found.events);
        self.oldest_ms.store(found.oldest_ms, Relaxed);
        (found.events > 0).then_some(found.due_ms)
    }
}

/// How old the oldest event is at the moment of a scrape: it grows while nobody counts.
#[derive(Debug)]
struct Age {
    gauge: Gauge,
    /// 0 where none waits.
    oldest_ms: Arc<AtomicI64>,
}

impl Collector for Age {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let oldest = self.oldest_ms.load(Relaxed);
        let age = if oldest > 0 { now_ms() - oldest } else { 0 };
        #[allow(clippy::cast_precision_loss, reason = "ages are small")]
        self.gauge.set(age.max(0) as f64 / 1000.0);
        self.gauge.collect()
    }
}

/// The metrics of the side that writes events.
#[derive(Clone, Debug)]
pub(crate) struct OutboxMetrics {
    pub(crate) waiting: Waiting,
    pub(crate) published: IntCounter,
}

impl OutboxMetrics {
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let names = [
            ("outbox_events", "Events that wait to be published."),
            (
                "outbox_oldest_event_age_seconds",
                "How long ago the oldest event that waits to be published was made.",
            ),
        ];
        let published = IntCounter::new("outbox_published_events_total", "Events published.")?;
        registry.register(Box::new(published.clone()))?;
        Ok(Self {
            waiting: Waiting::register(registry, names)?,
            published,
        })
    }
}

/// The metrics of the side that handles events.
#[derive(Clone, Debug)]
pub(crate) struct InboxMetrics {
    pub(crate) waiting: Waiting,
    pub(crate) dead_letters: IntGauge,
    pub(crate) handled: IntCounterVec,
    /// By partition; without a topic it has none.
    #[cfg(feature = "kafka")]
    pub(crate) lag: IntGaugeVec,
}

impl InboxMetrics {
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let names = [
            ("inbox_events", "Events that wait to be handled."),
            (
                "inbox_oldest_event_age_seconds",
                "How long ago the oldest event that waits to be handled was made.",
            ),
        ];
        let dead_letters = IntGauge::new(
            "inbox_dead_letters",
            "Events that are not tried again, since each attempt to handle them failed.",
        )?;
        registry.register(Box::new(dead_letters.clone()))?;
        let options = Opts::new("inbox_handled_events_total", "Attempts to handle an event.");
        let handled = IntCounterVec::new(options, &["result"])?;
        // There at zero from the start: `rate()` misses the first increase of a new series.
        for result in ["ok", "retry", "dead_letter"] {
            handled.with_label_values(&[result]);
        }
        registry.register(Box::new(handled.clone()))?;
        Ok(Self {
            waiting: Waiting::register(registry, names)?,
            dead_letters,
            handled,
            #[cfg(feature = "kafka")]
            lag: lag(registry)?,
        })
    }
}

#[cfg(feature = "kafka")]
fn lag(registry: &Registry) -> prometheus::Result<IntGaugeVec> {
    let help = "Records of a partition of the topic that are not in the inbox yet.";
    let options = Opts::new("inbox_partition_lag_records", help);
    let lag = IntGaugeVec::new(options, &["partition"])?;
    registry.register(Box::new(lag.clone()))?;
    Ok(lag)
}
