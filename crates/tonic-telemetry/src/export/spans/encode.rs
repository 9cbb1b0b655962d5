use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, SpanId, Status, TraceState};
use opentelemetry::{KeyValue, Value};
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::trace::v1::{self as otlp, SpanFlags, span, status::StatusCode};
use opentelemetry_proto::transform::common::tonic::Attributes;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use prost::encoding::{self, WireType, encode_varint, encoded_len_varint};

use super::SPANS;
use super::put::{key, put_bytes, put_fixed, put_message, put_small, put_text};

/// The numbers of the fields of a `Span`.
mod number {
    pub(super) const TRACE_ID: u8 = 1;
    pub(super) const SPAN_ID: u8 = 2;
    pub(super) const TRACE_STATE: u8 = 3;
    pub(super) const PARENT_SPAN_ID: u8 = 4;
    pub(super) const NAME: u8 = 5;
    pub(super) const KIND: u8 = 6;
    pub(super) const START_TIME: u8 = 7;
    pub(super) const END_TIME: u8 = 8;
    pub(super) const ATTRIBUTES: u8 = 9;
    pub(super) const STATUS: u8 = 15;
}

/// The numbers of the fields of a `KeyValue`, of a text of an `AnyValue`, and of a `Status`.
const KEY: u8 = 1;
const VALUE: u8 = 2;
const STRING_VALUE: u8 = 1;
const INT_VALUE: u8 = 3;
const MESSAGE: u8 = 2;
const CODE: u8 = 3;

/// Writes spans, again and again into the same bytes: the usual span allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    /// One large span is not kept for ever.
    const KEPT: usize = 16 * 1024;

    /// The longest key and length of a span.
    const HEAD: usize = 1 + 10;

    /// A span as a field of its `ScopeSpans`.
    ///
    /// What each span has is written without a message in between: three times as fast.
    pub(super) fn encode(&mut self, span: &SpanData) -> &[u8] {
        if self.bytes.capacity() > Self::KEPT {
            *self = Self::default();
        }
        let out = &mut self.bytes;
        out.clear();
        // The length is known at the end, and stands right before the fields.
        out.resize(Self::HEAD, 0);
        put_fields(out, span);
        for attribute in &span.attributes {
            put_message(out, number::ATTRIBUTES, |out| put_attribute(out, attribute));
        }
        if let Some(rest) = rest_of(span) {
            rest.encode_raw(out);
        }
        let length = (out.len() - Self::HEAD) as u64;
        let start = Self::HEAD - 1 - encoded_len_varint(length);
        out[start] = key(SPANS);
        encode_varint(length, &mut &mut out[start + 1..Self::HEAD]);
        &self.bytes[start..]
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

/// Writes the fields that most spans have, but for the attributes.
fn put_fields(out: &mut Vec<u8>, span: &SpanData) {
    let context = &span.span_context;
    put_bytes(out, number::TRACE_ID, &context.trace_id().to_bytes());
    put_bytes(out, number::SPAN_ID, &context.span_id().to_bytes());
    if *context.trace_state() != TraceState::NONE {
        put_text(out, number::TRACE_STATE, &context.trace_state().header());
    }
    if span.parent_span_id != SpanId::INVALID {
        let parent = span.parent_span_id.to_bytes();
        put_bytes(out, number::PARENT_SPAN_ID, &parent);
    }
    put_text(out, number::NAME, &span.name);
    let kind = span::SpanKind::from(span.span_kind.clone());
    put_small(out, number::KIND, kind as u8);
    put_fixed(out, number::START_TIME, nanoseconds(span.start_time));
    put_fixed(out, number::END_TIME, nanoseconds(span.end_time));
    put_message(out, number::STATUS, |out| {
        if let Status::Error { description } = &span.status {
            put_text(out, MESSAGE, description);
        }
        if span.status != Status::Unset {
            put_small(out, CODE, StatusCode::from(&span.status) as u8);
        }
    });
    encoding::fixed32::encode(16, &flags(span), out);
}

/// What few spans have, as the conversion of `opentelemetry-proto` has it.
fn rest_of(span: &SpanData) -> Option<otlp::Span> {
    let (events, links) = (&span.events, &span.links);
    let dropped = [
        span.dropped_attributes_count,
        events.dropped_count,
        links.dropped_count,
    ];
    let is_empty = events.is_empty() && links.is_empty() && dropped == [0; 3];
    (!is_empty).then(|| otlp::Span {
        events: events.iter().map(event).collect(),
        links: links.iter().cloned().map(Into::into).collect(),
        dropped_attributes_count: dropped[0],
        dropped_events_count: dropped[1],
        dropped_links_count: dropped[2],
        ..otlp::Span::default()
    })
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

fn nanoseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}
