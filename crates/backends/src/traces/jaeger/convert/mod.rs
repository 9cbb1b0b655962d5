//! From spans of the store to Jaeger's JSON.
//!
//! What OTLP keeps beside the attributes becomes tags, with the names that the OpenTelemetry
//! specification gives: <https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/>.

mod cycles;
mod processes;
#[cfg(test)]
mod properties;
mod span;
mod tags;

use std::collections::BTreeMap;

use serde::Serialize;

use super::ancestry::Ancestry;
use crate::traces::store;
use cycles::cycle_breakers;
use processes::{Process, Processes};
pub(crate) use span::Span;
pub(crate) use tags::{KeyValue, shown};

/// One trace as `/api/traces` has it.
#[derive(Debug, Serialize)]
pub(crate) struct JaegerTrace<'a> {
    #[serde(rename = "traceID")]
    id: String,
    /// By start, the earliest first.
    pub(crate) spans: Vec<Span<'a>>,
    processes: BTreeMap<String, Process<'a>>,
    warnings: Option<Vec<String>>,
}

impl<'a> JaegerTrace<'a> {
    /// As the UI can draw it: each span has an id of its own, and none is its own ancestor.
    pub(crate) fn adjusted(trace: &'a store::Trace) -> Self {
        let ancestry = Ancestry::new(trace);
        let breakers = cycle_breakers(trace, &ancestry);
        Self::new(trace, &ancestry, |place, span| {
            if let Some(twin) = ancestry.twin(place) {
                span.warn_of_twin(twin);
            }
            if breakers.contains(&place) {
                span.leave_cycle(|id| ancestry.is_shown(id), &trace.spans()[place]);
            }
        })
    }

    /// As it was sent.
    pub(crate) fn raw(trace: &'a store::Trace) -> Self {
        Self::new(trace, &Ancestry::as_sent(trace), |_, _| ())
    }

    fn new(
        trace: &'a store::Trace,
        ancestry: &Ancestry,
        adjust: impl Fn(usize, &mut Span<'a>),
    ) -> Self {
        let mut places: Vec<_> = (0..trace.spans().len()).collect();
        places.sort_by_key(|place| trace.spans()[*place].start);
        let mut processes = Processes::default();
        let spans = places.into_iter().map(|place| {
            let span = &trace.spans()[place];
            let process = processes.name(&span.resource);
            let mut converted =
                Span::new(span, ancestry.id(place), ancestry.parent_id(place), process);
            adjust(place, &mut converted);
            converted
        });
        let mut converted = Self {
            id: trace.id().to_string(),
            spans: spans.collect(),
            processes: processes.into_map(),
            warnings: None,
        };
        converted.warn(incomplete(trace).as_deref());
        converted
    }

    /// Adds a warning to the trace, and to its first span: the UI shows no warnings of traces.
    pub(crate) fn warn(&mut self, warning: Option<&str>) {
        let Some(warning) = warning else { return };
        if let Some(first) = self.spans.first_mut() {
            first.warnings.push(warning.to_owned());
        }
        self.warnings
            .get_or_insert_default()
            .push(warning.to_owned());
    }
}

/// What is missing in a trace that had more spans than a trace may have.
fn incomplete(trace: &store::Trace) -> Option<String> {
    (trace.refused() > 0).then(|| {
        format!(
            "this trace is incomplete: {} spans were refused, since a trace holds at most {}",
            trace.refused(),
            trace.spans().len()
        )
    })
}
