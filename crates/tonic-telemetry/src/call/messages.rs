use prometheus::IntCounter;

/// The bytes before each message: a flag and the length.
const PREFIX: usize = 5;

/// Counts the gRPC messages that pass in a body, whose chunks cut them anywhere.
///
/// A message counts when its last byte has passed.
/// Spec: [Length-Prefixed-Message][spec].
///
/// [spec]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
#[derive(Debug)]
pub(super) struct MessageCounter {
    counter: IntCounter,
    frames: Frames,
}

impl MessageCounter {
    pub(super) fn new(counter: IntCounter) -> Self {
        Self {
            counter,
            frames: Frames::default(),
        }
    }

    pub(super) fn pass(&mut self, chunk: &[u8]) {
        let completed = self.frames.pass(chunk);
        if completed > 0 {
            self.counter.inc_by(completed);
        }
    }
}

/// Where in its current message a body is.
#[derive(Debug, Default)]
struct Frames {
    prefix: [u8; PREFIX],
    prefix_len: usize,
    payload_left: usize,
}

impl Frames {
    /// How many messages end in this chunk.
    fn pass(&mut self, mut chunk: &[u8]) -> u64 {
        let mut completed = 0;
        while !chunk.is_empty() {
            chunk = if self.prefix_len < PREFIX {
                self.pass_prefix(chunk)
            } else {
                self.pass_payload(chunk)
            };
            if self.prefix_len == PREFIX && self.payload_left == 0 {
                completed += 1;
                self.prefix_len = 0;
            }
        }
        completed
    }

    fn pass_prefix<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = chunk.split_at(chunk.len().min(PREFIX - self.prefix_len));
        self.prefix[self.prefix_len..][..taken.len()].copy_from_slice(taken);
        self.prefix_len += taken.len();
        if self.prefix_len == PREFIX {
            let [_flag, length @ ..] = self.prefix;
            self.payload_left = u32::from_be_bytes(length) as usize;
        }
        rest
    }

    fn pass_payload<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = chunk.split_at(chunk.len().min(self.payload_left));
        self.payload_left -= taken.len();
        rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Frames;

    fn encode(messages: &[Vec<u8>]) -> Vec<u8> {
        let frame = |message: &Vec<u8>| {
            let length = u32::try_from(message.len()).expect("test messages are short");
            [&[0][..], &length.to_be_bytes(), message].concat()
        };
        messages.iter().flat_map(frame).collect()
    }

    fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_count(
            messages in messages(),
            sizes in proptest::collection::vec(1_usize..60, 1..50),
        ) {
            let bytes = encode(&messages);
            let (mut frames, mut rest, mut counted) = (Frames::default(), &bytes[..], 0);
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, after) = rest.split_at((*size).min(rest.len()));
                counted += frames.pass(chunk);
                rest = after;
            }
            prop_assert_eq!(counted, messages.len() as u64);
        }

        #[test]
        fn an_unfinished_message_does_not_count(messages in messages(), cut in 1_usize..46) {
            let bytes = encode(&messages);
            let last = messages.last().map_or(0, |message| message.len() + super::PREFIX);
            prop_assume!(cut <= last);
            let counted = Frames::default().pass(&bytes[..bytes.len() - cut]);
            prop_assert_eq!(counted, messages.len() as u64 - 1);
        }

        #[test]
        fn any_bytes_pass(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Frames::default().pass(&bytes);
        }
    }
}
