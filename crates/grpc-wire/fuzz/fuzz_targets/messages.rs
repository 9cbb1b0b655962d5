//! Any bytes as the body of a call and as a descriptor set. The first byte says how the body is cut.

#![no_main]

use grpc_wire::{MessageReader, Methods};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((size, body)) = bytes.split_first() else {
        return;
    };
    let (mut whole, mut cut) = (MessageReader::default(), MessageReader::default());
    let read_whole = whole.read(body);
    let mut chunks = body.chunks(usize::from(*size).max(1));
    let read_cut = chunks.try_for_each(|chunk| cut.read(chunk));
    assert_eq!(read_whole, read_cut);
    assert_eq!(whole.begun(), cut.begun());
    assert_eq!(whole.completed(), cut.completed());
    // Garbage must be an error of the decoder, never a panic.
    let _methods = Methods::from_descriptor_sets(&[body]).is_ok();
});
