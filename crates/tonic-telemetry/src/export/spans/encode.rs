use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, SpanId, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::trace::v1::{self as otlp, SpanFlags, span, status::StatusCode};
use opentelemetry_proto::transform::common::tonic::Attributes;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use prost::encoding::{WireType, encode_varint};

use super::SPANS;

/// The number of the field `attributes` of a `Span`.
const ATTRIBUTES: u8 = 9;

/// The numbers of the fields of a `KeyValue`, and of a text of an `AnyValue`.
const KEY: u8 = 1;
const VALUE: u8 = 2;
const STRING_VALUE: u8 = 1;
const INT_VALUE: u8 = 3;

/// Writes spans, again and again into the same message and the same bytes: the usual span allocates
/// nothing.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// All of a span but its attributes.
    span: otlp::Span,
    bytes: Vec<u8>,
}

impl Encoder {
    /// One large span is not kept for ever.
    const KEPT: usize = 16 * 1024;

    /// A span as a field of its `ScopeSpans`.
    ///
    /// The attributes, most of a span, are written without a message in between: three times as fast.
    pub(super) fn encode(&mut self, span: &SpanData) -> &[u8] {
        if self.bytes.capacity() > Self::KEPT {
            *self = Self::default();
        }
        fill(&mut self.span, span);
        self.bytes.clear();
        put_message(&mut self.bytes, SPANS, |out| {
            self.span.encode_raw(out);
            for attribute in &span.attributes {
                put_message(out, ATTRIBUTES, |out| put_attribute(out, attribute));
            }
        });
        &self.bytes
    }
}

/// Writes the fields of a `KeyValue`.
fn put_attribute(out: &mut Vec<u8>, attribute: &KeyValue) {
    put_text(out, KEY, attribute.key.as_str());
    put_message(out, VALUE, |out| match &attribute.value {
        Value::String(text) => put_text(out, STRING_VALUE, text.as_str()),
        Value::I64(number) => {
            out.push(INT_VALUE << 3 | WireType::Varint as u8);
            encode_varint(number.cast_unsigned(), out);
        }
        other => AnyValue::from(other.clone()).encode_raw(out),
    });
}

/// Writes a field that is a message: its length, which is one byte for most, and what `fields` writes.
fn put_message(out: &mut Vec<u8>, number: u8, fields: impl FnOnce(&mut Vec<u8>)) {
    out.extend([key(number), 0]);
    let start = out.len();
    fields(out);
    let length = out.len() - start;
    if let Ok(length @ ..0x80) = u8::try_from(length) {
        out[start - 1] = length;
    } else {
        let mut prefix = Vec::new();
        put_length(&mut prefix, length);
        out.splice(start - 1..start, prefix);
    }
}

fn put_text(out: &mut Vec<u8>, number: u8, text: &str) {
    out.push(key(number));
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(length @ ..0x80) => out.push(length),
        _ => encode_varint(length as u64, out),
    }
}

/// The key of a field with a length before it.
const fn key(number: u8) -> u8 {
    number << 3 | WireType::LengthDelimited as u8
}

/// Sets all but the attributes as the conversion of `opentelemetry-proto` does, but in place.
fn fill(to: &mut otlp::Span, span: &SpanData) {
    let context = &span.span_context;
    set_bytes(&mut to.trace_id, &context.trace_id().to_bytes());
    set_bytes(&mut to.span_id, &context.span_id().to_bytes());
    to.trace_state = context.trace_state().header();
    set_bytes(&mut to.parent_span_id, &span.parent_span_id.to_bytes());
    if span.parent_span_id == SpanId::INVALID {
        to.parent_span_id.clear();
    }
    to.flags = flags(span);
    set_text(&mut to.name, &span.name);
    to.kind = span::SpanKind::from(span.span_kind.clone()).into();
    to.start_time_unix_nano = nanoseconds(span.start_time);
    to.end_time_unix_nano = nanoseconds(span.end_time);
    to.dropped_attributes_count = span.dropped_attributes_count;
    to.events.clear();
    to.events.extend(span.events.iter().map(event));
    to.dropped_events_count = span.events.dropped_count;
    to.links.clear();
    to.links.extend(span.links.iter().cloned().map(Into::into));
    to.dropped_links_count = span.links.dropped_count;
    let status = to.status.get_or_insert_default();
    status.code = StatusCode::from(&span.status).into();
    let description = match &span.status {
        Status::Error { description } => description,
        _ => "",
    };
    set_text(&mut status.message, description);
}

fn flags(span: &SpanData) -> u32 {
    let flags = u32::from(span.span_context.trace_flags().to_u8());
    let known = SpanFlags::ContextHasIsRemoteMask as u32;
    let remote = if span.parent_span_is_remote {
        SpanFlags::ContextIsRemoteMask as u32
    } else {
        0
    };
    flags | known | remote
}

fn event(event: &Event) -> span::Event {
    span::Event {
        time_unix_nano: nanoseconds(event.timestamp),
        name: event.name.to_string(),
        attributes: Attributes::from(event.attributes.iter().cloned()).0,
        dropped_attributes_count: event.dropped_attributes_count,
    }
}

fn set_text(to: &mut String, text: &str) {
    to.clear();
    to.push_str(text);
}

fn set_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    to.clear();
    to.extend_from_slice(bytes);
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}
