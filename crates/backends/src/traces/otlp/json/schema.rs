//! The messages of OTLP that are read as JSON: a table of their fields.
//!
//! From <https://github.com/open-telemetry/opentelemetry-proto>, version 1.

use opentelemetry_proto::tonic::{
    logs::v1::SeverityNumber,
    trace::v1::{span::SpanKind, status::StatusCode},
};

use super::descriptor::{Field, Message, Type};

/// Writes a message down as its `.proto` file does: `NUMBER NAME: TYPE;`, where a field that holds a
/// message has the type `one MESSAGE`, or `many MESSAGE` if it is repeated.
macro_rules! message {
    ($name:ident, $title:literal, is_oneof: $is_oneof:literal,
        { $($number:literal $field:ident: $kind:ident $($of:ident)?;)* }) => {
        pub(super) static $name: Message = Message {
            name: $title,
            is_oneof: $is_oneof,
            fields: &[$(Field {
                name: stringify!($field),
                number: $number,
                kind: message!(@type $kind $($of)?),
                is_repeated: message!(@repeated $kind),
            }),*],
        };
    };
    (@type one $message:ident) => { Type::Message(&$message) };
    (@type many $message:ident) => { Type::Message(&$message) };
    (@type enumeration $names:ident) => {
        Type::Enum(|name| Some($names::from_str_name(name)?.into()))
    };
    (@type $scalar:ident) => { Type::$scalar };
    (@repeated many) => { true };
    (@repeated $other:ident) => { false };
}

message!(TRACES_DATA, "TracesData", is_oneof: false, {
    1 resource_spans: many RESOURCE_SPANS;
});

message!(RESOURCE_SPANS, "ResourceSpans", is_oneof: false, {
    1 resource: one RESOURCE;
    2 scope_spans: many SCOPE_SPANS;
    3 schema_url: Text;
});

message!(RESOURCE, "Resource", is_oneof: false, {
    1 attributes: many KEY_VALUE;
    2 dropped_attributes_count: Uint32;
});

message!(SCOPE_SPANS, "ScopeSpans", is_oneof: false, {
    1 scope: one SCOPE;
    2 spans: many SPAN;
    3 schema_url: Text;
});

message!(SCOPE, "InstrumentationScope", is_oneof: false, {
    1 name: Text;
    2 version: Text;
    3 attributes: many KEY_VALUE;
    4 dropped_attributes_count: Uint32;
});

message!(SPAN, "Span", is_oneof: false, {
    1 trace_id: Hex;
    2 span_id: Hex;
    3 trace_state: Text;
    4 parent_span_id: Hex;
    5 name: Text;
    6 kind: enumeration SpanKind;
    7 start_time_unix_nano: Fixed64;
    8 end_time_unix_nano: Fixed64;
    9 attributes: many KEY_VALUE;
    10 dropped_attributes_count: Uint32;
    11 events: many EVENT;
    12 dropped_events_count: Uint32;
    13 links: many LINK;
    14 dropped_links_count: Uint32;
    15 status: one STATUS;
    16 flags: Fixed32;
});

message!(LOGS_DATA, "LogsData", is_oneof: false, {
    1 resource_logs: many RESOURCE_LOGS;
});

message!(RESOURCE_LOGS, "ResourceLogs", is_oneof: false, {
    1 resource: one RESOURCE;
    2 scope_logs: many SCOPE_LOGS;
    3 schema_url: Text;
});

message!(SCOPE_LOGS, "ScopeLogs", is_oneof: false, {
    1 scope: one SCOPE;
    2 log_records: many LOG_RECORD;
    3 schema_url: Text;
});

message!(LOG_RECORD, "LogRecord", is_oneof: false, {
    1 time_unix_nano: Fixed64;
    2 severity_number: enumeration SeverityNumber;
    3 severity_text: Text;
    5 body: one ANY_VALUE;
    6 attributes: many KEY_VALUE;
    7 dropped_attributes_count: Uint32;
    8 flags: Fixed32;
    9 trace_id: Hex;
    10 span_id: Hex;
    11 observed_time_unix_nano: Fixed64;
    12 event_name: Text;
});

message!(EVENT, "Event", is_oneof: false, {
    1 time_unix_nano: Fixed64;
    2 name: Text;
    3 attributes: many KEY_VALUE;
    4 dropped_attributes_count: Uint32;
});

message!(LINK, "Link", is_oneof: false, {
    1 trace_id: Hex;
    2 span_id: Hex;
    3 trace_state: Text;
    4 attributes: many KEY_VALUE;
    5 dropped_attributes_count: Uint32;
    6 flags: Fixed32;
});

message!(STATUS, "Status", is_oneof: false, {
    2 message: Text;
    3 code: enumeration StatusCode;
});

message!(KEY_VALUE, "KeyValue", is_oneof: false, {
    1 key: Text;
    2 value: one ANY_VALUE;
});

message!(ANY_VALUE, "AnyValue", is_oneof: true, {
    1 string_value: Text;
    2 bool_value: Bool;
    3 int_value: Int64;
    4 double_value: Double;
    5 array_value: one ARRAY_VALUE;
    6 kvlist_value: one KEY_VALUE_LIST;
    7 bytes_value: Base64;
});

message!(ARRAY_VALUE, "ArrayValue", is_oneof: false, {
    1 values: many ANY_VALUE;
});

message!(KEY_VALUE_LIST, "KeyValueList", is_oneof: false, {
    1 values: many KEY_VALUE;
});
