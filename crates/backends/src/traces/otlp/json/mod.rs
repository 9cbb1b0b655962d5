//! Reads OTLP JSON: the JSON format of Protocol Buffers, but for ids, which are hexadecimal.
//!
//! Each value is written in the binary format as it is read, by the [table](schema) of the
//! messages, so that a file is read by the same decoder as an export.
//! Spec: [ProtoJSON](https://protobuf.dev/programming-guides/json/),
//! [OTLP](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

mod descriptor;
mod field;
mod message;
mod scalar;
mod schema;

use opentelemetry_proto::tonic::{
    logs::v1::{LogsData, ResourceLogs},
    trace::v1::{ResourceSpans, TracesData},
};
use prost::Message as _;
use serde::de::{DeserializeSeed as _, Error as _};

use descriptor::Message;
use message::MessageReader;
use schema::{LOGS_DATA, TRACES_DATA};

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
    let (wire, fields) = encode(&TRACES_DATA, text)?;
    if fields == 0 {
        return Err(serde_json::Error::missing_field("resourceSpans").into());
    }
    Ok(TracesData::decode(&wire[..])?.resource_spans)
}

/// Reads an export of spans, which may be empty.
///
/// # Errors
///
/// [`BadJson`] for the first value that is not what its field expects.
pub(crate) fn read_export(text: &[u8]) -> Result<Vec<ResourceSpans>, BadJson> {
    let (wire, _) = encode(&TRACES_DATA, text)?;
    Ok(TracesData::decode(&wire[..])?.resource_spans)
}

/// Reads an export of log records, which may be empty.
///
/// # Errors
///
/// [`BadJson`] for the first value that is not what its field expects.
pub(crate) fn read_logs(text: &[u8]) -> Result<Vec<ResourceLogs>, BadJson> {
    let (wire, _) = encode(&LOGS_DATA, text)?;
    Ok(LogsData::decode(&wire[..])?.resource_logs)
}

/// The messages in the binary format, and how many of their fields are known.
fn encode(message: &'static Message, text: &[u8]) -> Result<(Vec<u8>, usize), BadJson> {
    let mut wire = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut fields = 0;
    loop {
        let wire = &mut wire;
        fields += MessageReader { message, wire }.deserialize(&mut reader)?;
        if reader.end().is_ok() {
            break;
        }
    }
    Ok((wire, fields))
}
