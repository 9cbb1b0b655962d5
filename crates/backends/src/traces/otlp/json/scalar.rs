//! Values that JSON writes as text or as a number.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Wide enough for all integers of the format.
pub(super) type Integer = i128;

/// Both `5.0` and `5e3` are integers in JSON.
#[allow(
    clippy::cast_possible_truncation,
    reason = "what does not fit saturates, and is out of the range of every field"
)]
pub(super) fn whole(number: f64) -> Option<Integer> {
    (number.fract() == 0.0).then_some(number as Integer)
}

/// A number as text. Rust would read `inf` too, and not `-Infinity`.
pub(super) fn from_decimal(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            number.filter(|_| text.ends_with(|last: char| last.is_ascii_digit() || last == '.'))
        }
    }
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| match pair {
            [high, low] => Some(16 * digit(*high)? + digit(*low)?),
            _ => None,
        })
        .collect()
}

fn digit(letter: u8) -> Option<u8> {
    let value = char::from(letter).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Base64 of either alphabet, with padding or without.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const READER: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
    let standard = text.replace('-', "+").replace('_', "/");
    READER.decode(standard).ok()
}
