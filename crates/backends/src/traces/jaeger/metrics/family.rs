//! The answer: an OpenMetrics family in Jaeger's JSON.

use serde::Serialize;

use super::{
    request::{Metric, Request},
    samples::Samples,
};
use crate::time::format_rfc3339;

/// All series of one metric.
#[derive(Debug, Serialize)]
pub(crate) struct Family {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    help: &'static str,
    metrics: Vec<Series>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Series {
    /// The page takes the first one for the name of the service.
    labels: Vec<Label>,
    metric_points: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Label {
    name: &'static str,
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Point {
    gauge_value: Gauge,
    timestamp: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Gauge {
    /// `None` leaves a gap in the graph.
    double_value: Option<f64>,
}

impl Family {
    pub(crate) fn new(request: &Request, samples: &Samples) -> Self {
        let (name, help) = match request.metric {
            Metric::Latencies => ("latencies", "latency of the calls in milliseconds"),
            Metric::Calls => ("call_rate", "calls per second"),
            Metric::Errors => ("error_rate", "share of the calls that failed"),
        };
        let by = if request.by_operation {
            "_operation"
        } else {
            ""
        };
        let series = samples.groups.iter().map(|((service, operation), group)| {
            let operation = operation.iter().map(|text| label("operation", text));
            let point = |time| Point {
                gauge_value: Gauge {
                    double_value: samples.value(request, group, time),
                },
                timestamp: format_rfc3339(time),
            };
            Series {
                labels: std::iter::once(label("service_name", service))
                    .chain(operation)
                    .collect(),
                metric_points: request.times().map(point).collect(),
            }
        });
        Self {
            name: format!("service{by}_{name}"),
            kind: "GAUGE",
            help,
            metrics: series.collect(),
        }
    }
}

fn label(name: &'static str, value: &str) -> Label {
    Label {
        name,
        value: value.to_owned(),
    }
}
