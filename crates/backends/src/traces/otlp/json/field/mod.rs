//! Reads a field into the binary format.

mod number;

use std::fmt;

use prost::encoding;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Unexpected, Visitor},
};

use super::{
    descriptor::{Field, Type},
    message::MessageReader,
    scalar::{Integer, from_base64, from_hex},
};

/// Writes a field, or one element of a repeated field; its value says whether there was one.
pub(super) struct FieldReader<'a> {
    pub(super) field: &'static Field,
    pub(super) is_element: bool,
    pub(super) wire: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for FieldReader<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl FieldReader<'_> {
    /// Whether a single value may come here.
    fn takes(&self, kind: bool) -> bool {
        kind && (self.is_element || !self.field.is_repeated)
    }
}

impl<'de> Visitor<'de> for FieldReader<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Field { name, kind, .. } = self.field;
        if self.field.is_repeated && !self.is_element {
            write!(formatter, "a list ({name})")
        } else {
            write!(formatter, "{kind} ({name})")
        }
    }

    /// `null` is a field that is not there.
    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        if self.is_element {
            return Err(E::invalid_type(Unexpected::Unit, &self));
        }
        Ok(false)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        if !self.takes(matches!(self.field.kind, Type::Bool)) {
            return Err(E::invalid_type(Unexpected::Bool(value), &self));
        }
        encoding::bool::encode(self.field.number, &value, self.wire);
        Ok(true)
    }

    #[allow(clippy::cast_precision_loss, reason = "the field is a double")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<bool, E> {
        match self.field.kind {
            Type::Double => self.number(value as f64, Unexpected::Unsigned(value)),
            _ => self.integer(value.into(), Unexpected::Unsigned(value)),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "the field is a double")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<bool, E> {
        match self.field.kind {
            Type::Double => self.number(value as f64, Unexpected::Signed(value)),
            _ => self.integer(value.into(), Unexpected::Signed(value)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<bool, E> {
        self.number(value, Unexpected::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        let found = Unexpected::Str(text);
        let tag = self.field.number;
        let bytes = match self.field.kind {
            _ if !self.takes(true) => return Err(E::invalid_type(found, &self)),
            Type::Text => {
                encoding::string::encode(tag, &text.to_owned(), self.wire);
                return Ok(true);
            }
            Type::Hex => from_hex(text),
            Type::Base64 => from_base64(text),
            Type::Enum(number) => {
                return match number(text).or_else(|| text.parse().ok()) {
                    Some(number) => self.integer(number.into(), found),
                    None => Err(E::invalid_value(found, &self)),
                };
            }
            Type::Bool | Type::Message(_) => return Err(E::invalid_type(found, &self)),
            Type::Double => return self.decimal(text),
            _ => {
                return match text.parse::<Integer>() {
                    Ok(number) => self.integer(number, found),
                    Err(_) => self.decimal(text),
                };
            }
        };
        let Some(bytes) = bytes else {
            return Err(E::invalid_value(found, &self));
        };
        encoding::bytes::encode(tag, &bytes, self.wire);
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        let Type::Message(message) = self.field.kind else {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        };
        if !self.takes(true) {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        let mut wire = Vec::new();
        let reader = MessageReader {
            message,
            wire: &mut wire,
        };
        reader.visit_map(map)?;
        // On the wire a message is its length and its bytes.
        encoding::bytes::encode(self.field.number, &wire, self.wire);
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        if !self.field.is_repeated || self.is_element {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let field = self.field;
        loop {
            let element = FieldReader {
                field,
                is_element: true,
                wire: &mut *self.wire,
            };
            if list.next_element_seed(element)?.is_none() {
                return Ok(true);
            }
        }
    }
}
