//! One span.

use serde::Serialize;

use super::{KeyValue, shown};
use crate::traces::model::{self, SpanId, TraceId};

/// A span as Jaeger's JSON has it. Times are in microseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Span<'a> {
    /// The span of the store.
    #[serde(skip)]
    pub(crate) source: &'a model::Span,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    pub(crate) id: String,
    operation_name: &'a str,
    references: Vec<Reference>,
    start_time: u64,
    duration: u64,
    tags: Vec<KeyValue<'a>>,
    logs: Vec<Log<'a>>,
    #[serde(rename = "processID")]
    process: String,
    /// The UI shows them in yellow beside the span.
    pub(crate) warnings: Vec<String>,
}

/// The parent or a link.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(skip)]
    id: SpanId,
}

const CHILD_OF: &str = "CHILD_OF";

/// An event.
#[derive(Debug, Serialize)]
struct Log<'a> {
    timestamp: u64,
    fields: Vec<KeyValue<'a>>,
}

impl<'a> Span<'a> {
    /// `id` and `parent` are those that the span is shown with.
    pub(crate) fn new(
        span: &'a model::Span,
        id: SpanId,
        parent: Option<SpanId>,
        process: String,
    ) -> Self {
        let parent = parent.map(|id| Reference::new(CHILD_OF, span.trace_id, id));
        let links = span
            .links
            .iter()
            .map(|link| Reference::new("FOLLOWS_FROM", link.trace_id, link.span_id));
        Self {
            source: span,
            trace_id: span.trace_id.to_string(),
            id: id.to_string(),
            operation_name: &span.name,
            references: parent.into_iter().chain(links).collect(),
            // Never zero: the UI leaves out spans that start at zero.
            start_time: micros(span.start).max(1),
            duration: micros(span.end.saturating_sub(span.start)),
            tags: shown(span).collect(),
            logs: span.events.iter().map(Log::from).collect(),
            process,
            warnings: warnings(span),
        }
    }

    /// The id of its parent, as it is shown.
    pub(crate) fn parent_id(&self) -> Option<&str> {
        let mut references = self.references.iter();
        let parent = references.find(|reference| reference.ref_type == CHILD_OF)?;
        Some(&parent.span_id)
    }

    /// Says that the span is shown with another id than it was sent with.
    pub(crate) fn warn_of_twin(&mut self, twin: &model::Span) {
        self.warnings.push(format!(
            "this span was sent with the id {}, which a span of {} has too: it is shown as {}",
            twin.id,
            twin.service(),
            self.id
        ));
    }

    /// Drops the references to spans of the own trace, because they lead back to this span.
    pub(crate) fn leave_cycle(&mut self, is_here: impl Fn(SpanId) -> bool, span: &model::Span) {
        self.references.retain(|reference| !is_here(reference.id));
        let parent = span.parent.map(|id| format!(" {id}")).unwrap_or_default();
        self.warnings.push(format!(
            "this span is its own ancestor: the reference to its parent{parent} is not shown"
        ));
    }
}

impl Reference {
    fn new(ref_type: &'static str, trace_id: TraceId, id: SpanId) -> Self {
        Self {
            ref_type,
            trace_id: trace_id.to_string(),
            span_id: id.to_string(),
            id,
        }
    }
}

impl<'a> From<&'a model::Event> for Log<'a> {
    fn from(event: &'a model::Event) -> Self {
        let name = KeyValue::text("event", &event.name);
        Self {
            timestamp: micros(event.time),
            fields: name
                .into_iter()
                .chain(event.tags.iter().map(KeyValue::from))
                .collect(),
        }
    }
}

fn micros(nanos: u64) -> u64 {
    nanos / 1_000
}

fn warnings(span: &model::Span) -> Vec<String> {
    let no_start = (!span.has_start).then(|| "this span has no start".to_owned());
    let backwards = (span.end < span.start).then(|| {
        let nanos = span.start - span.end;
        format!("this span ends {nanos} ns before its start: its duration is shown as zero")
    });
    no_start.into_iter().chain(backwards).collect()
}
