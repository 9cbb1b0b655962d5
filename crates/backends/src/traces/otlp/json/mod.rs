//! Reads OTLP JSON: the JSON format of Protocol Buffers, but for ids, which are hexadecimal.
//!
//! Each value is written in the binary format as it is read, by the [table](schema) of the
//! messages, so that a file is read by the same decoder as an export.
//! Spec: [ProtoJSON](https://protobuf.dev/programming-guides/json/),
//! [OTLP](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

mod field;
mod scalar;
mod schema;

use std::fmt;

use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, TracesData};
use prost::Message as _;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use field::FieldReader;
use schema::{Message, TRACES_DATA};

/// Text that is not OTLP JSON; the message names the line and the column.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadJson {
    #[error("not OTLP JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("not OTLP JSON: {0}")]
    Message(#[from] prost::DecodeError),
}

/// Reads the spans of one message, or of several one after another, as the Collector's file
/// exporter writes them.
///
/// # Errors
///
/// [`BadJson`] for the first value that is not what its field expects, and for a text without
/// `resourceSpans`.
pub(crate) fn read_traces(text: &[u8]) -> Result<Vec<ResourceSpans>, BadJson> {
    let mut wire = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut fields = 0;
    loop {
        let message = MessageReader {
            message: &TRACES_DATA,
            wire: &mut wire,
        };
        fields += message.deserialize(&mut reader)?;
        if reader.end().is_ok() {
            break;
        }
    }
    if fields == 0 {
        return Err(serde_json::Error::missing_field("resourceSpans").into());
    }
    Ok(TracesData::decode(&wire[..])?.resource_spans)
}

/// Writes one message; its value is the number of its fields that are known.
struct MessageReader<'a> {
    message: &'static Message,
    wire: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for MessageReader<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MessageReader<'_> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "an object ({})", self.message.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut known = 0;
        let mut set = 0;
        while let Some(name) = map.next_key::<String>()? {
            let Some(field) = self.message.field(&name) else {
                // A later version of OTLP may have more.
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            known += 1;
            let wire = &mut *self.wire;
            let is_element = false;
            set += usize::from(map.next_value_seed(FieldReader {
                field,
                is_element,
                wire,
            })?);
            if self.message.is_oneof && set > 1 {
                return Err(A::Error::custom(format_args!(
                    "{} has more than one value",
                    self.message.name
                )));
            }
        }
        Ok(known)
    }
}
