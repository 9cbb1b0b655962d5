use std::{sync::Arc, time::SystemTime};

use opentelemetry::trace::SpanContext;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{
    exemplar::{Exemplar, Slots},
    family::Family,
};

/// A `HistogramVec` whose series remember a trace for each bucket.
///
/// Made by [`Registry::histogram`](super::Registry::histogram). A clone is the same family.
#[derive(Clone, Debug)]
pub struct ExemplarHistogramVec {
    histograms: HistogramVec,
    exemplars: Arc<Family>,
    /// Where each label, by the order of its name, is in the order of declaration.
    order: Arc<[usize]>,
}

impl ExemplarHistogramVec {
    /// # Errors
    /// If a name or a bucket is not what Prometheus allows.
    pub(super) fn new(options: HistogramOpts, labels: &[&str]) -> prometheus::Result<Self> {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|index| labels[*index]);
        let exemplars = Arc::new(Family::new(&options.buckets));
        Ok(Self {
            histograms: HistogramVec::new(options, labels)?,
            exemplars,
            order: order.into(),
        })
    }

    /// The series with these label values, in the order of declaration; made if it is missing.
    ///
    /// Takes locks that a scrape also takes: keep what it returns instead of asking for each call.
    ///
    /// # Panics
    /// If there are more or fewer values than labels.
    #[must_use]
    pub fn series(&self, values: &[&str]) -> ExemplarHistogram {
        let histogram = self.histograms.with_label_values(values);
        let ordered = self.order.iter().map(|index| values[*index].to_owned());
        ExemplarHistogram {
            histogram,
            exemplars: self.exemplars.series(ordered.collect()),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.histograms.desc()[0].fq_name
    }

    pub(super) fn exemplars(&self) -> &Arc<Family> {
        &self.exemplars
    }
}

impl Collector for ExemplarHistogramVec {
    fn desc(&self) -> Vec<&Desc> {
        self.histograms.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.histograms.collect()
    }
}

/// One series of an [`ExemplarHistogramVec`]. A clone is the same series.
#[derive(Clone, Debug)]
pub struct ExemplarHistogram {
    histogram: Histogram,
    exemplars: Arc<Slots>,
}

impl ExemplarHistogram {
    /// Counts a value, and keeps the span as the exemplar of its bucket if it is sampled.
    ///
    /// An unsampled span leaves none: nobody stores it, so the way to it would lead nowhere.
    /// Never waits for a scrape.
    pub fn observe(&self, value: f64, span: &SpanContext, at: SystemTime) {
        self.histogram.observe(value);
        if span.is_sampled() {
            self.exemplars.offer(Exemplar {
                trace_id: span.trace_id(),
                span_id: span.span_id(),
                value,
                at,
            });
        }
    }
}
