//! A span with its events and links.

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use crate::traces::{
    jaeger::{
        convert,
        v3::value::{AnyValue, Attribute, attributes},
    },
    model::{Event, Link, SpanKind, Status},
};

/// The attribute with Jaeger's warnings about a span.
const WARNINGS: &str = "@jaeger@warnings";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Span<'a> {
    trace_id: String,
    #[serde(rename = "spanId")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "is_unspecified")]
    kind: u8,
    #[serde(serialize_with = "as_text")]
    start_time_unix_nano: u64,
    #[serde(serialize_with = "as_text")]
    end_time_unix_nano: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<SpanEvent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<SpanLink>,
    status: Json,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanEvent<'a> {
    #[serde(serialize_with = "as_text")]
    time_unix_nano: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanLink {
    trace_id: String,
    span_id: String,
}

impl<'a> From<&'a convert::Span<'a>> for Span<'a> {
    /// With the ids that the span is shown with, and the rest as it was sent.
    fn from(shown: &'a convert::Span<'a>) -> Self {
        let span = shown.source;
        let warnings = (!shown.warnings.is_empty()).then_some(Attribute {
            key: WARNINGS,
            value: AnyValue::Texts(&shown.warnings),
        });
        Self {
            trace_id: span.trace_id.to_string(),
            id: &shown.id,
            parent_span_id: shown.parent_id(),
            trace_state: &span.trace_state,
            name: &span.name,
            kind: number(span.kind),
            start_time_unix_nano: if span.has_start { span.start } else { 0 },
            end_time_unix_nano: span.end,
            attributes: attributes(&span.tags).chain(warnings).collect(),
            events: span.events.iter().map(SpanEvent::from).collect(),
            links: span.links.iter().map(SpanLink::from).collect(),
            status: match &span.status {
                Status::Unset => json!({}),
                Status::Ok => json!({ "code": 1 }),
                Status::Error(text) if text.is_empty() => json!({ "code": 2 }),
                Status::Error(text) => json!({ "code": 2, "message": **text }),
            },
        }
    }
}

impl<'a> From<&'a Event> for SpanEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            time_unix_nano: event.time,
            name: &event.name,
            attributes: attributes(&event.tags).collect(),
        }
    }
}

impl From<&Link> for SpanLink {
    fn from(link: &Link) -> Self {
        Self {
            trace_id: link.trace_id.to_string(),
            span_id: link.span_id.to_string(),
        }
    }
}

/// The number of `SpanKind`.
fn number(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Unspecified => 0,
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_unspecified(number: &u8) -> bool {
    *number == 0
}

/// JavaScript would round an integer of 64 bits.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
