//! The messages of OTLP that are read as JSON: a table of their fields.
//!
//! From <https://github.com/open-telemetry/opentelemetry-proto>, version 1.

use std::fmt;

use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};

use Type::{Base64, Bool, Double, Enum, Fixed32, Fixed64, Hex, Int64, Text, Uint32};

/// A type of messages.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: &'static str,
    /// Whether it holds at most one of its fields.
    pub(super) is_oneof: bool,
    fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// As it stands in the `.proto` file.
    pub(super) name: &'static str,
    pub(super) number: u32,
    pub(super) kind: Type,
    pub(super) is_repeated: bool,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Type {
    Text,
    /// Bytes, as ids are written.
    Hex,
    /// Bytes.
    Base64,
    Bool,
    Int64,
    Uint32,
    Fixed32,
    Fixed64,
    Double,
    /// With the number that a name stands for.
    Enum(fn(&str) -> Option<i32>),
    Message(&'static Message),
}

impl Message {
    /// The field of this name, in either spelling: `trace_id` or `traceId`.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| {
            field.name == name || (!name.contains('_') && is_camel_case(name, field.name))
        })
    }
}

/// Whether `name` is `snake` in camel case.
fn is_camel_case(name: &str, snake: &str) -> bool {
    let mut after_underscore = false;
    let camel = snake.chars().filter_map(|letter| {
        let upper = std::mem::replace(&mut after_underscore, letter == '_');
        (letter != '_').then_some(if upper {
            letter.to_ascii_uppercase()
        } else {
            letter
        })
    });
    camel.eq(name.chars())
}

/// What was expected, for an error.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Text => "text",
            Hex => "hexadecimal digits, two for each byte",
            Base64 => "bytes in base64",
            Bool => "true or false",
            Int64 => "an integer of 64 bits",
            Fixed64 => "a positive integer of 64 bits",
            Uint32 | Fixed32 => "a positive integer of 32 bits",
            Double => "a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
            Enum(_) => "the number or the name of an enum value",
            Self::Message(message) => return write!(formatter, "an object ({})", message.name),
        })
    }
}

const fn one(name: &'static str, number: u32, kind: Type) -> Field {
    Field {
        name,
        number,
        kind,
        is_repeated: false,
    }
}

const fn many(name: &'static str, number: u32, message: &'static Message) -> Field {
    Field {
        name,
        number,
        kind: Type::Message(message),
        is_repeated: true,
    }
}

const fn message(name: &'static str, fields: &'static [Field]) -> Message {
    Message {
        name,
        is_oneof: false,
        fields,
    }
}

pub(super) static TRACES_DATA: Message =
    message("TracesData", &[many("resource_spans", 1, &RESOURCE_SPANS)]);

static RESOURCE_SPANS: Message = message(
    "ResourceSpans",
    &[
        one("resource", 1, Type::Message(&RESOURCE)),
        many("scope_spans", 2, &SCOPE_SPANS),
        one("schema_url", 3, Text),
    ],
);

static RESOURCE: Message = message(
    "Resource",
    &[
        many("attributes", 1, &KEY_VALUE),
        one("dropped_attributes_count", 2, Uint32),
    ],
);

static SCOPE_SPANS: Message = message(
    "ScopeSpans",
    &[
        one("scope", 1, Type::Message(&SCOPE)),
        many("spans", 2, &SPAN),
        one("schema_url", 3, Text),
    ],
);

static SCOPE: Message = message(
    "InstrumentationScope",
    &[
        one("name", 1, Text),
        one("version", 2, Text),
        many("attributes", 3, &KEY_VALUE),
        one("dropped_attributes_count", 4, Uint32),
    ],
);

static SPAN: Message = message(
    "Span",
    &[
        one("trace_id", 1, Hex),
        one("span_id", 2, Hex),
        one("trace_state", 3, Text),
        one("parent_span_id", 4, Hex),
        one("name", 5, Text),
        one(
            "kind",
            6,
            Enum(|name| Some(SpanKind::from_str_name(name)?.into())),
        ),
        one("start_time_unix_nano", 7, Fixed64),
        one("end_time_unix_nano", 8, Fixed64),
        many("attributes", 9, &KEY_VALUE),
        one("dropped_attributes_count", 10, Uint32),
        many("events", 11, &EVENT),
        one("dropped_events_count", 12, Uint32),
        many("links", 13, &LINK),
        one("dropped_links_count", 14, Uint32),
        one("status", 15, Type::Message(&STATUS)),
        one("flags", 16, Fixed32),
    ],
);

static EVENT: Message = message(
    "Event",
    &[
        one("time_unix_nano", 1, Fixed64),
        one("name", 2, Text),
        many("attributes", 3, &KEY_VALUE),
        one("dropped_attributes_count", 4, Uint32),
    ],
);

static LINK: Message = message(
    "Link",
    &[
        one("trace_id", 1, Hex),
        one("span_id", 2, Hex),
        one("trace_state", 3, Text),
        many("attributes", 4, &KEY_VALUE),
        one("dropped_attributes_count", 5, Uint32),
        one("flags", 6, Fixed32),
    ],
);

static STATUS: Message = message(
    "Status",
    &[
        one("message", 2, Text),
        one(
            "code",
            3,
            Enum(|name| Some(StatusCode::from_str_name(name)?.into())),
        ),
    ],
);

static KEY_VALUE: Message = message(
    "KeyValue",
    &[
        one("key", 1, Text),
        one("value", 2, Type::Message(&ANY_VALUE)),
    ],
);

static ANY_VALUE: Message = Message {
    name: "AnyValue",
    is_oneof: true,
    fields: &[
        one("string_value", 1, Text),
        one("bool_value", 2, Bool),
        one("int_value", 3, Int64),
        one("double_value", 4, Double),
        one("array_value", 5, Type::Message(&ARRAY_VALUE)),
        one("kvlist_value", 6, Type::Message(&KEY_VALUE_LIST)),
        one("bytes_value", 7, Base64),
    ],
};

static ARRAY_VALUE: Message = message("ArrayValue", &[many("values", 1, &ANY_VALUE)]);

static KEY_VALUE_LIST: Message = message("KeyValueList", &[many("values", 1, &KEY_VALUE)]);
