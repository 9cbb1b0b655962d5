//! Reads a message into the binary format.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use super::{descriptor::Message, field::FieldReader};

/// Writes one message; its value is the number of its fields that are known.
pub(super) struct MessageReader<'a> {
    pub(super) message: &'static Message,
    pub(super) wire: &'a mut Vec<u8>,
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
