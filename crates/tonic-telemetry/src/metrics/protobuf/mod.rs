//! The page as protobuf messages: all series, with exemplars and native histograms.

mod messages;
mod spans;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use prometheus::proto::{self, MetricType};
use prost::Message as _;

use self::{
    messages::{Bucket, Counter, Exemplar, Gauge, Histogram, LabelPair, Metric, MetricFamily},
    spans::Spans,
};
use super::{
    created::Created,
    exemplar,
    family::{Family, Series},
    native::{NativeBuckets, SCHEMA, ZERO_THRESHOLD},
    openmetrics::buckets,
};

/// The content type of a page of protobuf messages.
pub const PROTOBUF_FORMAT: &str = "application/vnd.google.protobuf; \
    proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Each family as a message, with its length before it.
///
/// `beside` finds the exemplars and native buckets of a family by its name.
/// Spec: [exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format).
pub(super) fn page(
    families: &[proto::MetricFamily],
    created: &Created<'_>,
    beside: impl Fn(&str) -> Option<Arc<Family>>,
) -> Vec<u8> {
    let mut page = Vec::new();
    for family in families {
        family_of(family, created, beside(family.name()).as_deref())
            .encode_length_delimited(&mut page)
            .expect("memory takes every write");
    }
    page
}

fn family_of(
    family: &proto::MetricFamily,
    created: &Created<'_>,
    beside: Option<&Family>,
) -> MetricFamily {
    let kind = family.get_field_type();
    let metrics = family.get_metric().iter().map(|metric| Metric {
        labels: metric.get_label().iter().map(label_of).collect(),
        gauge: (kind == MetricType::GAUGE).then(|| Gauge {
            value: metric.get_gauge().get_value(),
        }),
        counter: (kind == MetricType::COUNTER).then(|| Counter {
            value: metric.get_counter().get_value(),
            created: created.at(family, metric).map(Into::into),
        }),
        histogram: (kind == MetricType::HISTOGRAM).then(|| {
            let series = beside.and_then(|family| family.find(metric));
            Histogram {
                created: created.at(family, metric).map(Into::into),
                ..histogram_of(metric, series.as_deref())
            }
        }),
    });
    MetricFamily {
        name: family.name().to_owned(),
        help: family.help().to_owned(),
        kind: kind as i32,
        metrics: metrics.collect(),
    }
}

fn histogram_of(metric: &proto::Metric, series: Option<&Series>) -> Histogram {
    let mut histogram = classic(metric, series);
    if let Some(native) = series.and_then(|series| series.native.as_ref()) {
        add_native(&mut histogram, native);
    }
    histogram
}

fn classic(metric: &proto::Metric, series: Option<&Series>) -> Histogram {
    let buckets = buckets(metric).enumerate().map(|(index, (bound, count))| {
        let exemplar = series.and_then(|series| series.exemplars.newest(index));
        Bucket {
            cumulative_count: count,
            upper_bound: bound,
            exemplar: exemplar.as_ref().map(exemplar_of),
        }
    });
    Histogram {
        count: metric.get_histogram().get_sample_count(),
        sum: metric.get_histogram().get_sample_sum(),
        buckets: buckets.collect(),
        ..Histogram::default()
    }
}

/// Adds the native buckets; the exemplars of the classic buckets are enough for both.
///
/// Both kinds of buckets share one count, and calls end while the buckets are read. The native
/// buckets give the count: a value is added to them first, and they are read last, so they have
/// every value that the classic buckets have.
fn add_native(histogram: &mut Histogram, native: &NativeBuckets) {
    let positive = Spans::of(native.positive());
    histogram.schema = SCHEMA;
    histogram.zero_threshold = ZERO_THRESHOLD;
    histogram.zero_count = native.zero();
    histogram.count = histogram.zero_count + positive.count;
    if let Some(all) = histogram.buckets.last_mut() {
        all.cumulative_count = histogram.count;
    }
    histogram.positive_spans = positive.runs;
    histogram.positive_deltas = positive.deltas;
}

fn label_of(label: &proto::LabelPair) -> LabelPair {
    LabelPair {
        name: label.name().to_owned(),
        value: label.value().to_owned(),
    }
}

fn exemplar_of(exemplar: &exemplar::Exemplar) -> Exemplar {
    let ids = [
        ("trace_id", exemplar.trace_id.to_string()),
        ("span_id", exemplar.span_id.to_string()),
    ];
    let labels = ids.map(|(name, value)| LabelPair {
        name: name.to_owned(),
        value,
    });
    Exemplar {
        labels: labels.into(),
        value: exemplar.value,
        timestamp: Some(exemplar.at.into()),
    }
}
