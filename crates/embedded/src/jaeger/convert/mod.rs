//! From spans of the store to Jaeger's JSON.
//!
//! What OTLP keeps beside the attributes becomes tags, with the names that the OpenTelemetry
//! specification gives: <https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/>.

mod lineage;
mod processes;
#[cfg(test)]
mod properties;
mod span;
mod tags;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::store;
use lineage::circle_breakers;
use processes::{Process, Processes};
use span::Span;
pub(crate) use tags::{KeyValue, shown};

/// One trace as `/api/traces` has it.
#[derive(Debug, Serialize)]
pub(crate) struct Trace<'a> {
    #[serde(rename = "traceID")]
    id: String,
    /// By start, the earliest first.
    spans: Vec<Span<'a>>,
    processes: BTreeMap<String, Process<'a>>,
    warnings: Option<Vec<String>>,
}

impl<'a> From<&'a store::Trace> for Trace<'a> {
    fn from(trace: &'a store::Trace) -> Self {
        let mut sorted: Vec<_> = trace.spans().iter().collect();
        sorted.sort_by_key(|span| span.start);
        let breakers = circle_breakers(trace);
        let mut processes = Processes::default();
        let spans = sorted
            .into_iter()
            .map(|span| {
                let process = processes.name(&span.resource);
                let mut converted = Span::new(span, process);
                if breakers.contains(&span.id) {
                    converted.leave_circle(|id| trace.span(id).is_some(), span);
                }
                converted
            })
            .collect();
        Self {
            id: trace.id().to_string(),
            spans,
            processes: processes.into_map(),
            warnings: None,
        }
    }
}
