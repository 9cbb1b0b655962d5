//! The tags of a span: what is shown, and what a search finds.

use serde::Serialize;

use crate::traces::model::{Span, Status, Tag, TagValue};

/// Beyond this a JavaScript number is not exact: 2⁵³ − 1.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A tag in Jaeger's JSON.
#[derive(Debug, Serialize)]
pub(crate) struct KeyValue<'a> {
    pub(crate) key: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(serialize_with = "shown_exactly")]
    value: Scalar<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Scalar<'a> {
    Text(&'a str),
    Bool(bool),
    Integer(i64),
    Float(f64),
}

/// The attributes of the span, then the other fields of OTLP as tags. A field is left out if the
/// service has set an attribute of the same name.
pub(crate) fn shown(span: &Span) -> impl Iterator<Item = KeyValue<'_>> {
    let is_set = |key: &str| span.tags.iter().any(|tag| *tag.key == *key);
    span.tags
        .iter()
        .map(KeyValue::from)
        .chain(derived(span).filter(move |tag| !is_set(tag.key)))
}

fn derived(span: &Span) -> impl Iterator<Item = KeyValue<'_>> {
    let (code, description) = match &span.status {
        Status::Unset => ("", ""),
        Status::Ok => ("OK", ""),
        Status::Error(description) => ("ERROR", &**description),
    };
    let error = span.is_error().then_some(KeyValue {
        key: "error",
        kind: "bool",
        value: Scalar::Bool(true),
    });
    [
        KeyValue::text("span.kind", span.kind.name()),
        KeyValue::text("otel.status_code", code),
        KeyValue::text("otel.status_description", description),
        error,
        KeyValue::text("otel.scope.name", &span.scope.name),
        KeyValue::text("otel.scope.version", &span.scope.version),
        KeyValue::text("w3c.tracestate", &span.trace_state),
    ]
    .into_iter()
    .flatten()
}

impl<'a> KeyValue<'a> {
    /// `None` for an empty text: there is nothing to show.
    pub(crate) fn text(key: &'a str, text: &'a str) -> Option<Self> {
        (!text.is_empty()).then_some(Self {
            key,
            kind: "string",
            value: Scalar::Text(text),
        })
    }

    /// Whether the tag is `key=text`, as a search writes it.
    pub(crate) fn is(&self, key: &str, text: &str) -> bool {
        self.key == key
            && match self.value {
                Scalar::Text(own) => own == text,
                Scalar::Bool(own) => own.to_string() == text,
                Scalar::Integer(own) => own.to_string() == text,
                Scalar::Float(own) => own.to_string() == text,
            }
    }
}

impl<'a> From<&'a Tag> for KeyValue<'a> {
    fn from(tag: &'a Tag) -> Self {
        let (kind, value) = match &tag.value {
            TagValue::Text(text) | TagValue::Json(text) => ("string", Scalar::Text(text)),
            TagValue::Bool(value) => ("bool", Scalar::Bool(*value)),
            TagValue::Integer(value) => ("int64", Scalar::Integer(*value)),
            TagValue::Float(value) => ("float64", Scalar::Float(*value)),
            TagValue::Bytes(text) => ("binary", Scalar::Text(text)),
        };
        let key = &*tag.key;
        Self { key, kind, value }
    }
}

/// Numbers that the browser would round, or that JSON does not have, are written as text.
fn shown_exactly<S: serde::Serializer>(value: &Scalar, serializer: S) -> Result<S::Ok, S::Error> {
    match *value {
        Scalar::Text(text) => serializer.serialize_str(text),
        Scalar::Bool(value) => serializer.serialize_bool(value),
        Scalar::Integer(value) if value.unsigned_abs() > MAX_SAFE_INTEGER => {
            serializer.collect_str(&value)
        }
        Scalar::Integer(value) => serializer.serialize_i64(value),
        Scalar::Float(value) if !value.is_finite() => serializer.collect_str(&value),
        Scalar::Float(value) => serializer.serialize_f64(value),
    }
}
