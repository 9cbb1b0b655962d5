//! Attributes in OTLP JSON.

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Value as Json, json};

use crate::traces::model::{Tag, TagValue};

#[derive(Debug, Serialize)]
pub(super) struct Attribute<'a> {
    pub(super) key: &'a str,
    pub(super) value: AnyValue<'a>,
}

#[derive(Debug)]
pub(super) enum AnyValue<'a> {
    Of(&'a TagValue),
    Text(&'a str),
    Texts(&'a [String]),
}

impl<'a> From<&'a Tag> for Attribute<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self {
            key: &tag.key,
            value: AnyValue::Of(&tag.value),
        }
    }
}

pub(super) fn attributes(tags: &[Tag]) -> impl Iterator<Item = Attribute<'_>> {
    tags.iter().map(Attribute::from)
}

impl Serialize for AnyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut field = serializer.serialize_map(Some(1))?;
        match *self {
            Self::Text(text) => field.serialize_entry("stringValue", text)?,
            Self::Texts(texts) => {
                let texts = texts.iter().map(|text| json!({ "stringValue": text }));
                let values: Vec<_> = texts.collect();
                field.serialize_entry("arrayValue", &json!({ "values": values }))?;
            }
            Self::Of(TagValue::Text(text)) => field.serialize_entry("stringValue", &**text)?,
            Self::Of(TagValue::Bool(value)) => field.serialize_entry("boolValue", value)?,
            Self::Of(TagValue::Integer(value)) => {
                field.serialize_entry("intValue", &value.to_string())?;
            }
            Self::Of(TagValue::Float(value)) => {
                field.serialize_entry("doubleValue", &double(*value))?;
            }
            Self::Of(TagValue::Bytes(text)) => field.serialize_entry("bytesValue", &**text)?,
            Self::Of(TagValue::Json(text)) => {
                let json = serde_json::from_str(text).unwrap_or(Json::Null);
                for (name, value) in any_value(json).as_object().into_iter().flatten() {
                    field.serialize_entry(name, value)?;
                }
            }
        }
        field.end()
    }
}

/// A value inside a list or a map.
fn any_value(json: Json) -> Json {
    match json {
        Json::Null => json!({}),
        Json::Bool(value) => json!({ "boolValue": value }),
        Json::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Json::Number(number) => json!({ "intValue": number.to_string() }),
        Json::String(text) => json!({ "stringValue": text }),
        Json::Array(list) => {
            let values: Vec<_> = list.into_iter().map(any_value).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Json::Object(map) => {
            let entry = |(key, value)| json!({ "key": key, "value": any_value(value) });
            let values: Vec<_> = map.into_iter().map(entry).collect();
            json!({ "kvlistValue": { "values": values } })
        }
    }
}

/// JSON has no number that is not finite.
fn double(value: f64) -> Json {
    match value {
        _ if value.is_finite() => json!(value),
        _ if value.is_nan() => json!("NaN"),
        _ if value > 0.0 => json!("Infinity"),
        _ => json!("-Infinity"),
    }
}
