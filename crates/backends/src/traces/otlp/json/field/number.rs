//! Numbers, which JSON writes as numbers or as text.

use prost::encoding;
use serde::de::{Error, Unexpected};

use super::FieldReader;
use crate::traces::otlp::json::{
    descriptor::Type,
    scalar::{Integer, from_decimal, whole},
};

impl FieldReader<'_> {
    pub(super) fn integer<E: Error>(self, number: Integer, found: Unexpected) -> Result<bool, E> {
        let tag = self.field.number;
        let wrong = |_| E::invalid_value(found, &self);
        match self.field.kind {
            _ if !self.takes(true) => return Err(E::invalid_type(found, &self)),
            Type::Int64 => {
                let number = i64::try_from(number).map_err(wrong)?;
                encoding::int64::encode(tag, &number, self.wire);
            }
            Type::Enum(_) => {
                let number = i32::try_from(number).map_err(wrong)?;
                encoding::int32::encode(tag, &number, self.wire);
            }
            Type::Fixed64 => {
                let number = u64::try_from(number).map_err(wrong)?;
                encoding::fixed64::encode(tag, &number, self.wire);
            }
            Type::Uint32 => {
                let number = u32::try_from(number).map_err(wrong)?;
                encoding::uint32::encode(tag, &number, self.wire);
            }
            Type::Fixed32 => {
                let number = u32::try_from(number).map_err(wrong)?;
                encoding::fixed32::encode(tag, &number, self.wire);
            }
            _ => return Err(E::invalid_type(found, &self)),
        }
        Ok(true)
    }

    pub(super) fn decimal<E: Error>(self, text: &str) -> Result<bool, E> {
        let found = Unexpected::Str(text);
        match from_decimal(text) {
            Some(number) => self.number(number, found),
            None => Err(E::invalid_value(found, &self)),
        }
    }

    pub(super) fn number<E: Error>(self, number: f64, found: Unexpected) -> Result<bool, E> {
        if self.takes(matches!(self.field.kind, Type::Double)) {
            encoding::double::encode(self.field.number, &number, self.wire);
            return Ok(true);
        }
        match whole(number) {
            Some(whole) => self.integer(whole, found),
            None => Err(E::invalid_value(found, &self)),
        }
    }
}
