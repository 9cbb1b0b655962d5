//! Fields of messages of Protocol Buffers, written in place.

use prost::encoding::{WireType, encode_varint};

/// Writes a field that is a message: its length, which is one byte for most, and what `fields` writes.
pub(super) fn put_message(out: &mut Vec<u8>, number: u8, fields: impl FnOnce(&mut Vec<u8>)) {
    out.extend([key(number), 0]);
    let start = out.len();
    fields(out);
    let length = out.len() - start;
    if let Ok(length @ ..0x80) = u8::try_from(length) {
        out[start - 1] = length;
    } else {
        let mut prefix = Vec::new();
        put_length(&mut prefix, length);
        out.splice(start - 1..start, prefix);
    }
}

pub(super) fn put_text(out: &mut Vec<u8>, number: u8, text: &str) {
    put_bytes(out, number, text.as_bytes());
}

pub(super) fn put_bytes(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(key(number));
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Writes a number below 128.
pub(super) fn put_small(out: &mut Vec<u8>, number: u8, value: u8) {
    out.extend([number << 3 | WireType::Varint as u8, value]);
}

/// Writes a number of eight bytes.
pub(super) fn put_fixed(out: &mut Vec<u8>, number: u8, value: u64) {
    out.push(number << 3 | WireType::SixtyFourBit as u8);
    out.extend(value.to_le_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(length @ ..0x80) => out.push(length),
        _ => encode_varint(length as u64, out),
    }
}

/// The key of a field with a length before it.
pub(super) const fn key(number: u8) -> u8 {
    number << 3 | WireType::LengthDelimited as u8
}
