//! Spans as they came over the wire, and the tree that they make.

use std::{collections::BTreeMap, fmt::Write as _};

use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{ResourceSpans, span::SpanKind, status::StatusCode},
};

/// One span, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Span {
    /// `service.name` of its resource.
    pub service: String,
    /// What it is about, as `tracewalk.user.v1.UserService/GetUser`.
    pub name: String,
    /// In capitals, as `SERVER`.
    pub kind: &'static str,
    /// In hexadecimal digits, as the other ids.
    pub trace_id: String,
    /// Its own id.
    pub id: String,
    /// Empty for a root.
    pub parent: String,
    /// Whether its status is an error.
    pub is_error: bool,
    /// In nanoseconds since 1970.
    pub start: u64,
    /// As `start`.
    pub end: u64,
    /// Each value as text.
    pub attributes: BTreeMap<String, String>,
    /// The type of each attribute, as a registry of conventions says it.
    pub types: BTreeMap<String, &'static str>,
    /// The name of each.
    pub events: Vec<String>,
    /// The trace id and the span id of each.
    pub links: Vec<(String, String)>,
}

impl Span {
    /// The spans of one process.
    pub fn all_of(resource: ResourceSpans) -> Vec<Self> {
        let of_resource = resource
            .resource
            .map(|resource| attributes(&resource.attributes));
        let service = of_resource.and_then(|mut all| all.remove("service.name"));
        let spans = resource
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        spans
            .map(|span| Self {
                service: service.clone().unwrap_or_default(),
                kind: match span.kind() {
                    SpanKind::Server => "SERVER",
                    SpanKind::Client => "CLIENT",
                    SpanKind::Producer => "PRODUCER",
                    SpanKind::Consumer => "CONSUMER",
                    _ => "INTERNAL",
                },
                trace_id: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                is_error: span
                    .status
                    .is_some_and(|status| status.code() == StatusCode::Error),
                start: span.start_time_unix_nano,
                end: span.end_time_unix_nano,
                attributes: attributes(&span.attributes),
                types: types(&span.attributes),
                events: span.events.into_iter().map(|event| event.name).collect(),
                links: span
                    .links
                    .iter()
                    .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
                    .collect(),
                name: span.name,
            })
            .collect()
    }

    /// `gateway CLIENT tracewalk.user.v1.UserService/GetUser`.
    pub fn label(&self) -> String {
        format!("{} {} {}", self.service, self.kind, self.name)
    }

    /// An attribute as text; empty when there is none.
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

/// The spans of one trace.
#[derive(Clone, Debug)]
pub struct Trace {
    spans: Vec<Span>,
}

impl Trace {
    /// Of these spans.
    pub fn new(mut spans: Vec<Span>) -> Self {
        // By name and not by start: what a service does at the same time has no fixed order.
        spans.sort_by_key(Span::label);
        Self { spans }
    }

    /// All of them, sorted by their labels.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans of a service of one kind.
    pub fn of<'a>(&'a self, service: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Span> {
        self.spans
            .iter()
            .filter(move |span| span.service == service && span.kind == kind)
    }

    /// Those whose parent is not among them: one is right, as every trace has one root.
    pub fn roots(&self) -> Vec<&Span> {
        let known = |span: &&Span| !self.spans.iter().any(|other| other.id == span.parent);
        self.spans.iter().filter(known).collect()
    }

    /// Who called whom, one span a line, indented below its parent:
    /// `gateway SERVER tracewalk.gateway.v1.GatewayService/GetUser`. Siblings are sorted.
    pub fn tree(&self) -> String {
        let mut text = String::new();
        for root in self.roots() {
            self.branch(&mut text, root, 0);
        }
        text
    }

    fn branch(&self, text: &mut String, span: &Span, depth: usize) {
        writeln!(text, "{:indent$}{}", "", span.label(), indent = depth * 2)
            .expect("a string takes everything");
        for child in self.spans.iter().filter(|child| child.parent == span.id) {
            self.branch(text, child, depth + 1);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::BoolValue(value) => value.to_string(),
        Value::IntValue(value) => value.to_string(),
        Value::DoubleValue(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    let value = |pair: &KeyValue| pair.value.as_ref()?.value.as_ref().map(text);
    pairs
        .iter()
        .filter_map(|pair| Some((pair.key.clone(), value(pair)?)))
        .collect()
}

fn types(pairs: &[KeyValue]) -> BTreeMap<String, &'static str> {
    let name = |value: &Value| match value {
        Value::StringValue(_) => "string",
        Value::BoolValue(_) => "boolean",
        Value::IntValue(_) => "int",
        Value::DoubleValue(_) => "double",
        Value::ArrayValue(_) => "string[]",
        _ => "no type of an attribute",
    };
    let value = |pair: &KeyValue| pair.value.as_ref()?.value.as_ref().map(name);
    pairs
        .iter()
        .filter_map(|pair| Some((pair.key.clone(), value(pair)?)))
        .collect()
}
