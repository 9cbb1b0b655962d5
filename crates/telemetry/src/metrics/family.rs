use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use prometheus::proto::Metric;

use super::exemplar::Slots;

/// What the `prometheus` crate does not keep of a histogram family: the [`Slots`] of each series,
/// by label values in the order of the labels' names, which is that of the crate.
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

    /// The slots that belong to a series of the crate, if it is one of ours.
    pub(super) fn find(&self, metric: &Metric) -> Option<Arc<Slots>> {
        let labels = metric.get_label().iter();
        let labels: Vec<_> = labels.map(|label| label.value().to_owned()).collect();
        self.series.read().expect(NO_PANIC).get(&labels).cloned()
    }
}

const NO_PANIC: &str = "nothing panics while it holds the table of series";
