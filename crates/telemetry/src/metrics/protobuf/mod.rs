//! The page as protobuf messages: all series, with their exemplars.

mod messages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use prometheus::proto::{self, MetricType};
use prost::Message as _;

use self::messages::{Bucket, Exemplar, Histogram, LabelPair, Metric, MetricFamily, Number};
use super::{
    exemplar::{self, Slots},
    family::Family,
    openmetrics::buckets,
};

/// The content type of a page of protobuf messages.
pub const PROTOBUF_FORMAT: &str = "application/vnd.google.protobuf; \
    proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Each family as a message, with its length before it.
///
/// `exemplars` finds the exemplars of a family by its name.
/// Spec: [exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/#protobuf-format).
pub(super) fn page(
    families: &[proto::MetricFamily],
    exemplars: impl Fn(&str) -> Option<Arc<Family>>,
) -> Vec<u8> {
    let mut page = Vec::new();
    for family in families {
        family_of(family, exemplars(family.name()).as_deref())
            .encode_length_delimited(&mut page)
            .expect("memory takes every write");
    }
    page
}

fn family_of(family: &proto::MetricFamily, exemplars: Option<&Family>) -> MetricFamily {
    let kind = family.get_field_type();
    let metrics = family.get_metric().iter().map(|metric| Metric {
        labels: metric.get_label().iter().map(label_of).collect(),
        gauge: (kind == MetricType::GAUGE).then(|| Number {
            value: metric.get_gauge().get_value(),
        }),
        counter: (kind == MetricType::COUNTER).then(|| Number {
            value: metric.get_counter().get_value(),
        }),
        histogram: (kind == MetricType::HISTOGRAM).then(|| {
            let slots = exemplars.and_then(|family| family.find(metric));
            histogram_of(metric, slots.as_deref())
        }),
    });
    MetricFamily {
        name: family.name().to_owned(),
        help: family.help().to_owned(),
        kind: kind as i32,
        metrics: metrics.collect(),
    }
}

fn histogram_of(metric: &proto::Metric, slots: Option<&Slots>) -> Histogram {
    let buckets = buckets(metric).enumerate().map(|(index, (bound, count))| {
        let exemplar = slots.and_then(|slots| slots.newest(index));
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
    }
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
