use bytes::Bytes;

/// A flag and four bytes of length stand before each message.
const PREFIX: usize = 5;

/// Follows the gRPC messages in a body, without keeping them.
#[derive(Debug, Default)]
pub(super) struct Frames {
    prefix: [u8; PREFIX],
    prefix_read: usize,
    payload_left: usize,
    messages: usize,
}

impl Frames {
    /// How many messages have begun, be it by one byte of the prefix.
    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    /// Reads on; the length of the largest message that begins here.
    pub(super) fn read(&mut self, data: &Bytes) -> Option<u32> {
        let mut data = &data[..];
        let mut largest = None;
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
                let [_, length @ ..] = self.prefix;
                let length = u32::from_be_bytes(length);
                self.prefix_read = 0;
                self.payload_left = length as usize;
                largest = largest.max(Some(length));
            }
        }
        largest
    }
}
