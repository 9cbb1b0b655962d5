//! The three formats.

use std::fmt::{self, Display, Formatter};

use anyhow::Context as _;
use apache_avro::{Schema, reader::datum::GenericDatumReader, writer::datum::GenericDatumWriter};
use prost::Message as _;
use proto::user::v1 as user;
use serde::Serialize;

use super::message::{self, User};

/// A format; the ratios are those to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Format {
    Protobuf,
    Avro,
    #[serde(rename = "JSON")]
    Json,
}

impl Format {
    pub(super) const ALL: [Self; 3] = [Self::Protobuf, Self::Avro, Self::Json];
}

impl Display for Format {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Protobuf => "Protobuf",
            Self::Avro => "Avro",
            Self::Json => "JSON",
        })
    }
}

/// A decoded message, in the type that the format decodes to.
#[derive(Debug, PartialEq)]
pub(super) enum Decoded {
    Protobuf(user::User),
    Serde(User),
}

/// What is encoded, and what Avro must know of it: made once, as in a service.
pub(super) struct Codec<'a> {
    message: user::User,
    user: User,
    writer: GenericDatumWriter<'a>,
    reader: GenericDatumReader<'a>,
}

impl<'a> Codec<'a> {
    /// # Errors
    ///
    /// When `schema` refers to a type that it does not declare.
    pub(super) fn new(schema: &'a Schema) -> anyhow::Result<Self> {
        let (message, user) = (message::user(), message::user().into());
        let writer = GenericDatumWriter::builder(schema).human_readable(false);
        let reader = GenericDatumReader::builder(schema).human_readable(false);
        Ok(Self {
            message,
            user,
            writer: writer.build()?,
            reader: reader.build()?,
        })
    }

    /// The bytes alone: no schema, no length and no header around them.
    pub(super) fn encode(&self, format: Format) -> anyhow::Result<Vec<u8>> {
        Ok(match format {
            Format::Protobuf => self.message.encode_to_vec(),
            Format::Avro => self.writer.write_ser_to_vec(&self.user)?,
            Format::Json => serde_json::to_vec(&self.user)?,
        })
    }

    pub(super) fn decode(&self, format: Format, mut bytes: &[u8]) -> anyhow::Result<Decoded> {
        Ok(match format {
            Format::Protobuf => Decoded::Protobuf(user::User::decode(bytes)?),
            Format::Avro => Decoded::Serde(self.reader.read_deser(&mut bytes)?),
            Format::Json => Decoded::Serde(serde_json::from_slice(bytes)?),
        })
    }

    /// Fails unless what is decoded equals what was encoded: a format that leaves something out would
    /// be fast.
    pub(super) fn check(&self, format: Format) -> anyhow::Result<()> {
        let bytes = self.encode(format)?;
        let decoded = self.decode(format, &bytes);
        let decoded = decoded.with_context(|| format!("{format} does not read what it wrote"))?;
        let equal = match &decoded {
            Decoded::Protobuf(message) => *message == self.message,
            Decoded::Serde(user) => *user == self.user,
        };
        anyhow::ensure!(equal, "{format} decodes another message: {decoded:?}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_reads_what_it_wrote() -> anyhow::Result<()> {
        let schema = Schema::parse_str(message::AVRO_SCHEMA)?;
        let codec = Codec::new(&schema)?;
        for format in Format::ALL {
            codec.check(format)?;
            let cut = codec.encode(format)?;
            let cut = &cut[..cut.len() - 1];
            let decoded = codec.decode(format, cut);
            assert!(decoded.is_err(), "{format} reads {decoded:?} from a part");
        }
        Ok(())
    }

    #[test]
    fn the_message_has_a_kilobyte() -> anyhow::Result<()> {
        let schema = Schema::parse_str(message::AVRO_SCHEMA)?;
        let bytes = Codec::new(&schema)?.encode(Format::Json)?.len();
        assert!((900..1100).contains(&bytes), "{bytes}");
        Ok(())
    }
}
