//! What is known of a type of messages: the names, numbers and types of its fields.

use std::fmt;

/// A type of messages.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: &'static str,
    /// Whether it holds at most one of its fields.
    pub(super) is_oneof: bool,
    pub(super) fields: &'static [Field],
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
    /// The function gives the number that a name stands for.
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
            Self::Text => "text",
            Self::Hex => "hexadecimal digits, two for each byte",
            Self::Base64 => "bytes in base64",
            Self::Bool => "true or false",
            Self::Int64 => "an integer of 64 bits",
            Self::Fixed64 => "a positive integer of 64 bits",
            Self::Uint32 | Self::Fixed32 => "a positive integer of 32 bits",
            Self::Double => "a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
            Self::Enum(_) => "the number or the name of an enum value",
            Self::Message(message) => return write!(formatter, "an object ({})", message.name),
        })
    }
}
