use std::{
    sync::{Arc, Mutex},
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
    /// The observed value.
    pub(super) value: f64,
    /// When it was observed.
    pub(super) at: SystemTime,
}

/// The newest exemplar of each bucket of one series.
#[derive(Debug)]
pub(super) struct Slots {
    bounds: Arc<[f64]>,
    newest: Box<[Mutex<Option<Exemplar>>]>,
}

impl Slots {
    pub(super) fn new(bounds: Arc<[f64]>) -> Self {
        // One more than there are bounds: the last bucket has no bound.
        let newest = (0..=bounds.len()).map(|_| Mutex::default()).collect();
        Self { bounds, newest }
    }

    /// Keeps the exemplar unless another thread uses the slot: an exemplar is not worth a wait.
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

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::trace::{SpanId, TraceId};

    use super::{Exemplar, Slots};

    #[test]
    fn an_observation_does_not_wait_for_a_scrape() {
        let slots = Slots::new([1.0].into());
        let read = slots.newest[0].lock().unwrap();
        // Would deadlock if it waited: this thread holds the slot, as a scrape does.
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
