//! Attribute values.

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use serde_json::{Map, Value as Json};

use crate::{
    intern::Texts,
    traces::model::{Tag, TagValue},
};

pub(crate) fn tags(attributes: &[KeyValue], texts: &mut Texts) -> Box<[Tag]> {
    attributes
        .iter()
        .map(|attribute| tag(attribute, texts))
        .collect()
}

pub(crate) fn tag(attribute: &KeyValue, texts: &mut Texts) -> Tag {
    Tag {
        key: texts.share(&attribute.key),
        value: value(attribute.value.as_ref(), texts),
    }
}

/// The text of the attribute, if it has this key and a text that is not empty.
pub(crate) fn text_of<'a>(attribute: &'a KeyValue, key: &str) -> Option<&'a str> {
    match attribute.value.as_ref()?.value.as_ref()? {
        any_value::Value::StringValue(text) if attribute.key == key && !text.is_empty() => {
            Some(text)
        }
        _ => None,
    }
}

fn value(value: Option<&AnyValue>, texts: &mut Texts) -> TagValue {
    use any_value::Value as Otlp;
    match value.and_then(|value| value.value.as_ref()) {
        Some(Otlp::StringValue(text)) => TagValue::Text(texts.share(text)),
        Some(Otlp::BoolValue(value)) => TagValue::Bool(*value),
        Some(Otlp::IntValue(value)) => TagValue::Integer(*value),
        Some(Otlp::DoubleValue(value)) => TagValue::Float(*value),
        Some(Otlp::BytesValue(bytes)) => TagValue::Bytes(texts.share(&BASE64.encode(bytes))),
        Some(list @ (Otlp::ArrayValue(_) | Otlp::KvlistValue(_))) => {
            TagValue::Json(texts.share(&json(Some(list)).to_string()))
        }
        // Indices into a table that only OTLP profiles have.
        Some(Otlp::StringValueStrindex(_)) | None => TagValue::Text(texts.share("")),
    }
}

/// A value as text: a text as it is, and anything else as JSON.
pub(crate) fn plain_text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        None => String::new(),
        other => json(other).to_string(),
    }
}

/// The recursion ends: the protobuf decoder refuses more than 100 levels.
fn json(value: Option<&any_value::Value>) -> Json {
    use any_value::Value as Otlp;
    let inner = |value: &AnyValue| json(value.value.as_ref());
    match value {
        Some(Otlp::StringValue(text)) => Json::from(text.as_str()),
        Some(Otlp::BoolValue(value)) => Json::from(*value),
        Some(Otlp::IntValue(value)) => Json::from(*value),
        Some(Otlp::DoubleValue(value)) => Json::from(*value),
        Some(Otlp::BytesValue(bytes)) => Json::from(BASE64.encode(bytes)),
        Some(Otlp::ArrayValue(list)) => list.values.iter().map(inner).collect(),
        Some(Otlp::KvlistValue(list)) => {
            let entry = |entry: &KeyValue| {
                let value = entry.value.as_ref().map_or(Json::Null, inner);
                (entry.key.clone(), value)
            };
            Json::Object(list.values.iter().map(entry).collect::<Map<_, _>>())
        }
        Some(Otlp::StringValueStrindex(_)) | None => Json::Null,
    }
}
