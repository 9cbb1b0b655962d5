//! Traces as OTLP JSON.
//!
//! What the store does not keep is not there: schema URLs, attributes of scopes and links, flags,
//! and the numbers of what was dropped.
//! Spec: [OTLP](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

mod span;

use std::{iter, sync::Arc};

use serde::Serialize;

use super::value::{AnyValue, Attribute, attributes};
use crate::traces::{
    jaeger::convert,
    model::{Resource, Scope},
};
use span::Span;

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
