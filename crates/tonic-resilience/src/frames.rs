use bytes::Bytes;
use http::HeaderMap;
use tonic::Code;

/// A flag and four bytes of length stand before each message.
const PREFIX: usize = 5;

/// Follows the gRPC messages in a body, without keeping them.
///
/// Spec: [Length-Prefixed-Message](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
#[derive(Debug)]
pub(crate) struct Frames {
    most: u32,
    /// Whether the headers name an encoding that a message can be compressed with.
    encoded: bool,
    prefix: [u8; PREFIX],
    prefix_read: usize,
    payload_left: usize,
    messages: usize,
}

/// What is wrong with the messages of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("a message of {length} bytes, which is above the limit of {most} bytes")]
    TooLarge { length: u32, most: u32 },
    #[error("a message has the compression flag {0}, expected 0 or 1")]
    Flag(u8),
    #[error("a message is compressed, and no grpc-encoding says how")]
    NoEncoding,
    #[error("the stream ends within a message")]
    Cut,
}

impl Fault {
    /// Spec: [status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
    pub(crate) fn code(self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::ResourceExhausted,
            Self::Flag(_) | Self::NoEncoding | Self::Cut => Code::Internal,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "MESSAGE_TOO_LARGE",
            Self::Flag(_) | Self::NoEncoding => "INVALID_FLAG",
            Self::Cut => "MESSAGE_CUT",
        }
    }
}

impl Frames {
    /// For a body below these headers, with messages of at most so many bytes.
    pub(crate) fn new(headers: &HeaderMap, most: u32) -> Self {
        let encoding = headers.get("grpc-encoding");
        Self {
            most,
            encoded: encoding.is_some_and(|encoding| encoding != "identity"),
            prefix: [0; PREFIX],
            prefix_read: 0,
            payload_left: 0,
            messages: 0,
        }
    }

    /// How many messages have begun, be it by one byte of the prefix.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// Reads on.
    pub(crate) fn read(&mut self, data: &Bytes) -> Result<(), Fault> {
        let mut data = &data[..];
        while !data.is_empty() {
            if self.payload_left > 0 {
                let skip = self.payload_left.min(data.len());
                self.payload_left -= skip;
                data = &data[skip..];
                continue;
            }
            self.messages += usize::from(self.prefix_read == 0);
            let take = (PREFIX - self.prefix_read).min(data.len());
            self.prefix[self.prefix_read..self.prefix_read + take].copy_from_slice(&data[..take]);
            self.prefix_read += take;
            data = &data[take..];
            if self.prefix_read == PREFIX {
                self.prefix_read = 0;
                self.payload_left = self.length()? as usize;
            }
        }
        Ok(())
    }

    /// The length in a whole prefix.
    fn length(&self) -> Result<u32, Fault> {
        let [flag, length @ ..] = self.prefix;
        let (length, most) = (u32::from_be_bytes(length), self.most);
        match flag {
            2.. => Err(Fault::Flag(flag)),
            1 if !self.encoded => Err(Fault::NoEncoding),
            _ if length > most => Err(Fault::TooLarge { length, most }),
            _ => Ok(length),
        }
    }

    /// Whether the body may end here.
    pub(crate) fn end(&self) -> Result<(), Fault> {
        if self.prefix_read > 0 || self.payload_left > 0 {
            return Err(Fault::Cut);
        }
        Ok(())
    }
}
