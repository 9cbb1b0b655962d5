//! Traces as OTLP JSON.
//!
//! What the store does not keep is not there: schema URLs, attributes of scopes and links, flags,
//! and the numbers of what was dropped.
//! Spec: [OTLP](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

use std::{iter, sync::Arc};

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::value::{AnyValue, Attribute, attributes};
use crate::traces::{
    jaeger::convert,
    model::{Event, Link, Resource, Scope, SpanKind, Status},
};

/// The attribute with Jaeger's warnings about a span.
const WARNINGS: &str = "@jaeger@warnings";

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracesData<'a> {
    resource_spans: Vec<ResourceSpans<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    #[serde(skip)]
    source: &'a Arc<Resource>,
    resource: Attributes<'a>,
    scope_spans: Vec<ScopeSpans<'a>>,
}

#[derive(Debug, Serialize)]
struct Attributes<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Serialize)]
struct ScopeSpans<'a> {
    scope: InstrumentationScope<'a>,
    spans: Vec<Span<'a>>,
}

#[derive(Debug, PartialEq, Serialize)]
struct InstrumentationScope<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
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

impl<'a> TracesData<'a> {
    /// The spans of each trace below their resource and their scope.
    pub(super) fn new(traces: &'a [convert::JaegerTrace<'a>]) -> Self {
        let mut data = Self::default();
        for trace in traces {
            // Traces do not share resources: each span is compared with all resources of its trace.
            let first = data.resource_spans.len();
            for span in &trace.spans {
                data.spans_of(first, span).push(Span::from(span));
            }
        }
        data
    }

    /// Where the span belongs, among the resources from the place `first` on.
    fn spans_of(&mut self, first: usize, span: &convert::Span<'a>) -> &mut Vec<Span<'a>> {
        let source = &span.source.resource;
        let same = |of: &ResourceSpans| Arc::ptr_eq(of.source, source) || **of.source == **source;
        let found = self.resource_spans[first..].iter().position(same);
        let place = found.map_or(self.resource_spans.len(), |place| first + place);
        if found.is_none() {
            self.resource_spans.push(ResourceSpans::new(source));
        }
        let scopes = &mut self.resource_spans[place].scope_spans;
        let Scope { name, version } = &*span.source.scope;
        let scope = InstrumentationScope { name, version };
        let found = scopes.iter().position(|of| of.scope == scope);
        let place = found.unwrap_or(scopes.len());
        if found.is_none() {
            let spans = Vec::new();
            scopes.push(ScopeSpans { scope, spans });
        }
        &mut scopes[place].spans
    }
}

impl<'a> ResourceSpans<'a> {
    fn new(source: &'a Arc<Resource>) -> Self {
        let name = Attribute {
            key: "service.name",
            value: AnyValue::Text(&source.service),
        };
        Self {
            source,
            resource: Attributes {
                attributes: iter::once(name).chain(attributes(&source.tags)).collect(),
            },
            scope_spans: Vec::new(),
        }
    }
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
