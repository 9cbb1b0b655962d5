use std::{
    collections::HashMap,
    sync::{Arc, Mutex, RwLock},
    time::SystemTime,
};

use opentelemetry::trace::{SpanId, TraceId};

/// One traced observation: the way from a bucket of a histogram to a trace.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exemplar {
    /// The trace that it belongs to.
    pub(super) trace_id: TraceId,
    /// The span that it measured.
    pub(super) span_id: SpanId,
    /// What was observed.
    pub(super) value: f64,
    /// When.
    pub(super) at: SystemTime,
}

/// The newest exemplar of each bucket of one series.
#[derive(Debug)]
pub(super) struct Slots {
    bounds: Arc<[f64]>,
    newest: Box<[Mutex<Option<Exemplar>>]>,
}

impl Slots {
    fn new(bounds: Arc<[f64]>) -> Self {
        // One more than there are bounds: the last bucket has none.
        let newest = (0..=bounds.len()).map(|_| Mutex::default()).collect();
        Self { bounds, newest }
    }

    /// Keeps the exemplar unless someone else has the slot: better to lose one than to wait.
    pub(super) fn offer(&self, exemplar: Exemplar) {
        // A bound is inclusive, as `le` says.
        let bucket = self.bounds.partition_point(|bound| *bound < exemplar.value);
        if let Ok(mut newest) = self.newest[bucket].try_lock() {
            *newest = Some(exemplar);
        }
    }

    /// The exemplar of a bucket, by its index from the smallest bound.
    pub(super) fn newest(&self, bucket: usize) -> Option<Exemplar> {
        self.newest.get(bucket)?.lock().ok()?.clone()
    }
}

/// The exemplars of one histogram family: [`Slots`] by label values, ordered by label name as
/// the `prometheus` crate orders them.
#[derive(Debug)]
pub(super) struct Family {
    bounds: Arc<[f64]>,
    series: RwLock<HashMap<Vec<String>, Arc<Slots>>>,
}

impl Family {
    pub(super) fn new(bounds: &[f64]) -> Self {
        Self {
            bounds: bounds.into(),
            series: RwLock::default(),
        }
    }

    /// The slots of a series, made when they are first asked for.
    pub(super) fn series(&self, labels: Vec<String>) -> Arc<Slots> {
        let mut series = self.series.write().expect(NO_PANIC);
        let slots = series
            .entry(labels)
            .or_insert_with(|| Arc::new(Slots::new(self.bounds.clone())));
        Arc::clone(slots)
    }

    /// The slots of a series that exists.
    pub(super) fn find(&self, labels: &[String]) -> Option<Arc<Slots>> {
        self.series.read().expect(NO_PANIC).get(labels).cloned()
    }
}

const NO_PANIC: &str = "nothing panics while it holds the table of exemplars";

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::trace::{SpanId, TraceId};

    use super::{Exemplar, Family};

    #[test]
    fn an_observation_does_not_wait_for_a_scrape() {
        let slots = Family::new(&[1.0]).series(vec![]);
        let read = slots.newest[0].lock().unwrap();
        // Would never return if it waited: the scrape is on this very thread.
        slots.offer(Exemplar {
            trace_id: TraceId::from(1),
            span_id: SpanId::from(1),
            value: 0.5,
            at: SystemTime::now(),
        });
        drop(read);
        assert_eq!(slots.newest(0), None);
    }
}
