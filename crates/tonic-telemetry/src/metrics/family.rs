use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use prometheus::proto::Metric;

use super::{exemplar::Slots, native::NativeBuckets};

/// The data of a histogram family that the `prometheus` crate does not keep: a [`Series`] for each
/// series of the crate. Its key is the label values, in the order of the labels' names.
#[derive(Debug)]
pub(super) struct Family {
    bounds: Arc<[f64]>,
    is_native: bool,
    series: RwLock<HashMap<Vec<String>, Arc<Series>>>,
}

/// The data that is kept beside one series of the crate.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) exemplars: Slots,
    /// `None` unless the family was registered as a native one.
    pub(super) native: Option<NativeBuckets>,
}

impl Family {
    pub(super) fn new(bounds: &[f64], is_native: bool) -> Self {
        Self {
            bounds: bounds.into(),
            is_native,
            series: RwLock::default(),
        }
    }

    /// The series with these labels, made when it is first asked for.
    pub(super) fn series(&self, labels: Vec<String>) -> Arc<Series> {
        let mut series = self.series.write().expect(NO_PANIC);
        let entry = series.entry(labels).or_insert_with(|| {
            Arc::new(Series {
                exemplars: Slots::new(self.bounds.clone()),
                native: self.is_native.then(NativeBuckets::new),
            })
        });
        Arc::clone(entry)
    }

    /// The data beside a series of the crate, if there is any.
    pub(super) fn find(&self, metric: &Metric) -> Option<Arc<Series>> {
        let labels = metric.get_label().iter();
        let labels: Vec<_> = labels.map(|label| label.value().to_owned()).collect();
        self.series.read().expect(NO_PANIC).get(&labels).cloned()
    }
}

const NO_PANIC: &str = "nothing panics while it holds the table of series";
