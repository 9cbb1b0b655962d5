use std::{sync::Arc, time::SystemTime};

use opentelemetry::trace::SpanContext;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{
    exemplar::Exemplar,
    family::{Family, Series},
};

/// A `HistogramVec` whose series remember a trace for each bucket, and may have native buckets too.
///
/// Made by [`Registry::histogram`](super::Registry::histogram) or
/// [`Registry::native_histogram`](super::Registry::native_histogram). A clone is the same family.
#[derive(Clone, Debug)]
pub struct ExemplarHistogramVec {
    histograms: HistogramVec,
    beside: Arc<Family>,
    /// Where each label, by the order of its name, is in the order of declaration.
    order: Arc<[usize]>,
}

impl ExemplarHistogramVec {
    /// # Errors
    /// If a name or a bucket is not what Prometheus allows.
    pub(super) fn new(
        options: HistogramOpts,
        labels: &[&str],
        is_native: bool,
    ) -> prometheus::Result<Self> {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|index| labels[*index]);
        let beside = Family::new(&options.buckets, is_native);
        Ok(Self {
            histograms: HistogramVec::new(options, labels)?,
            beside: Arc::new(beside),
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
        let ordered = self.order.iter().map(|index| values[*index].to_owned());
        // First, so that no page has the series without its exemplars and native buckets.
        let beside = self.beside.series(ordered.collect());
        ExemplarHistogram {
            histogram: self.histograms.with_label_values(values),
            beside,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.histograms.desc()[0].fq_name
    }

    pub(super) fn beside(&self) -> &Arc<Family> {
        &self.beside
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
    beside: Arc<Series>,
}

impl ExemplarHistogram {
    /// Counts a value, and keeps the span as the exemplar of its bucket if it is sampled.
    ///
    /// An unsampled span is no exemplar, because no store has its trace.
    /// Never waits for a scrape.
    pub fn observe(&self, value: f64, span: &SpanContext, at: SystemTime) {
        // First, so that a scrape never finds less in the native buckets than in the classic ones.
        if let Some(native) = &self.beside.native {
            native.observe(value);
        }
        self.histogram.observe(value);
        if span.is_sampled() {
            self.beside.exemplars.offer(Exemplar {
                trace_id: span.trace_id(),
                span_id: span.span_id(),
                value,
                at,
            });
        }
    }
}
