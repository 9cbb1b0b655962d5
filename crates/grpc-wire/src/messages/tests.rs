//! Bodies in any chunks.

use http::HeaderMap;
use proptest::prelude::*;

use super::{MessageError, MessageReader, PREFIX};

fn encode(messages: &[Vec<u8>]) -> Vec<u8> {
    let encode = |message: &Vec<u8>| {
        let length = u32::try_from(message.len()).expect("test messages are short");
        [&[0][..], &length.to_be_bytes(), message].concat()
    };
    messages.iter().flat_map(encode).collect()
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
        let largest = messages.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let largest = u32::try_from(largest).expect("test messages are short");
        for (max_bytes, fits) in [(largest, true), (largest - 1, false)] {
            let mut reader = MessageReader::new(&HeaderMap::new(), max_bytes);
            let (mut rest, mut read) = (&bytes[..], Ok(()));
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, after) = rest.split_at((*size).min(rest.len()));
                read = reader.read(chunk);
                rest = after;
            }
            let is_empty = messages.iter().all(Vec::is_empty);
            prop_assert_eq!(read.is_ok(), fits || is_empty, "{:?}", read);
            if read.is_ok() {
                let count = messages.len() as u64;
                prop_assert_eq!((reader.begun(), reader.completed()), (count, count));
                prop_assert_eq!(reader.end(), Ok(()));
            }
        }
    }

    #[test]
    fn a_body_may_end_between_messages_alone(messages in messages(), cut in 1_usize..46) {
        let bytes = encode(&messages);
        let last = messages.last().map_or(0, |message| message.len() + PREFIX);
        prop_assume!(cut <= last);
        let mut reader = MessageReader::default();
        prop_assert_eq!(reader.read(&bytes[..bytes.len() - cut]), Ok(()));
        prop_assert_eq!(reader.completed(), messages.len() as u64 - 1);
        let whole = cut == last;
        prop_assert_eq!(reader.end(), if whole { Ok(()) } else { Err(MessageError::Cut) });
    }

    #[test]
    fn any_bytes_pass(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut reader = MessageReader::default();
        if let Err(error) = reader.read(&bytes) {
            prop_assert_eq!(error, MessageError::Flag(reader.prefix[0]));
        }
    }
}
