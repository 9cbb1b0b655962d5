//! Counts the messages of a body, and says what is wrong with them.

#[cfg(test)]
mod tests;

use http::{HeaderMap, HeaderName};
use tonic::Code;

/// A flag and four bytes of length stand before each message.
const PREFIX: usize = 5;

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Follows the messages in a body, whose chunks cut them anywhere, without keeping them.
///
/// After an error the reader stops: the start of the next message is unknown.
/// Spec: [Length-Prefixed-Message][spec].
///
/// ```
/// use grpc_wire::{MessageError, MessageReader};
///
/// let mut reader = MessageReader::default();
/// reader.read(&[0, 0, 0, 0, 2, 0x08])?;
/// assert_eq!((reader.begun(), reader.completed()), (1, 0));
/// assert_eq!(reader.end(), Err(MessageError::Cut));
/// reader.read(&[0x07])?;
/// assert_eq!((reader.completed(), reader.end()), (1, Ok(())));
/// # Ok::<_, MessageError>(())
/// ```
///
/// [spec]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
#[derive(Debug)]
pub struct MessageReader {
    max_bytes: u32,
    may_be_compressed: bool,
    prefix: [u8; PREFIX],
    prefix_read: usize,
    payload_left: usize,
    begun: u64,
    completed: u64,
    error: Option<MessageError>,
}

/// What is wrong with the messages of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A message is larger than it may be.
    #[error("a message of {length} bytes, which is above the limit of {max_bytes} bytes")]
    TooLarge {
        /// The length in its prefix.
        length: u32,
        /// The limit.
        max_bytes: u32,
    },
    /// The first byte of a message is neither 0 nor 1.
    #[error("a message has the compression flag {0}, expected 0 or 1")]
    Flag(u8),
    /// A message is compressed, and the headers name no encoding.
    #[error("a message is compressed, and no grpc-encoding says how")]
    NoEncoding,
    /// The body ends within a message.
    #[error("the stream ends within a message")]
    Cut,
}

impl MessageError {
    /// The status code of a call that fails with this error.
    ///
    /// Spec: [status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::ResourceExhausted,
            Self::Flag(_) | Self::NoEncoding | Self::Cut => Code::Internal,
        }
    }
}

impl Default for MessageReader {
    /// Messages of any length, compressed or not.
    fn default() -> Self {
        Self {
            max_bytes: u32::MAX,
            may_be_compressed: true,
            prefix: [0; PREFIX],
            prefix_read: 0,
            payload_left: 0,
            begun: 0,
            completed: 0,
            error: None,
        }
    }
}

impl MessageReader {
    /// A reader for the body below these headers, with at most `max_bytes` for each message.
    #[must_use]
    pub fn new(headers: &HeaderMap, max_bytes: u32) -> Self {
        let encoding = headers.get(GRPC_ENCODING);
        Self {
            max_bytes,
            may_be_compressed: encoding.is_some_and(|encoding| encoding != "identity"),
            ..Self::default()
        }
    }

    /// How many messages have begun; one byte of the prefix is enough.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// How many messages have been read to their last byte.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Reads the next chunk of the body.
    ///
    /// # Errors
    /// The first error of the body, at each call from there on.
    pub fn read(&mut self, mut chunk: &[u8]) -> Result<(), MessageError> {
        while self.error.is_none() && !chunk.is_empty() {
            chunk = if self.payload_left > 0 {
                self.read_payload(chunk)
            } else {
                self.read_prefix(chunk)
            };
        }
        self.error.map_or(Ok(()), Err)
    }

    /// Whether the body may end here.
    ///
    /// # Errors
    /// [`MessageError::Cut`] within a message.
    pub fn end(&self) -> Result<(), MessageError> {
        if self.prefix_read > 0 || self.payload_left > 0 {
            return Err(MessageError::Cut);
        }
        Ok(())
    }

    fn read_payload<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = chunk.split_at(chunk.len().min(self.payload_left));
        self.payload_left -= taken.len();
        self.completed += u64::from(self.payload_left == 0);
        rest
    }

    fn read_prefix<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        self.begun += u64::from(self.prefix_read == 0);
        let (taken, rest) = chunk.split_at(chunk.len().min(PREFIX - self.prefix_read));
        self.prefix[self.prefix_read..][..taken.len()].copy_from_slice(taken);
        self.prefix_read += taken.len();
        if self.prefix_read == PREFIX {
            self.prefix_read = 0;
            match self.length() {
                Ok(length) => self.payload_left = length as usize,
                Err(error) => self.error = Some(error),
            }
            self.completed += u64::from(self.error.is_none() && self.payload_left == 0);
        }
        rest
    }

    /// The length in a whole prefix.
    fn length(&self) -> Result<u32, MessageError> {
        let [flag, length @ ..] = self.prefix;
        let (length, max_bytes) = (u32::from_be_bytes(length), self.max_bytes);
        match flag {
            2.. => Err(MessageError::Flag(flag)),
            1 if !self.may_be_compressed => Err(MessageError::NoEncoding),
            _ if length > max_bytes => Err(MessageError::TooLarge { length, max_bytes }),
            _ => Ok(length),
        }
    }
}
