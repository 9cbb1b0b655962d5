use super::{scan::SCHEMES, shapes::SHORTEST_KEY};

/// Whether a text surely has nothing to hide; quick, as most values are a name, a number, an address or
/// a short sentence.
///
/// Every secret that is known has one of a few characters, a long run of letters and digits, or `eyJ`;
/// or it comes after a name with a colon, or as a word after a scheme or a flag.
pub(super) fn is_harmless(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Where the run began, the end of the last word so far, and the bits of all letters and digits.
    let (mut start, mut word_end, mut bits) = (0, 0, 0);
    let mut has_dashes = false;
    for (at, byte) in bytes.iter().enumerate() {
        let kind = KINDS[usize::from(*byte)];
        if kind == Kind::Word {
            bits |= byte;
            word_end = at + 1;
            continue;
        }
        let ends_run = match kind {
            Kind::Suspect => return false,
            Kind::Colon if bits & LETTER != 0 => return false,
            Kind::Space if has_dashes || ends_with_scheme(&bytes[..word_end]) => return false,
            Kind::LastOfPrefix if bytes[..at].ends_with(b"ey") => return false,
            Kind::LastOfPrefix => {
                bits |= byte;
                word_end = at + 1;
                false
            }
            Kind::InKey => {
                has_dashes |= *byte == b'-';
                false
            }
            _ => true,
        };
        if ends_run {
            if at - start >= SHORTEST_KEY {
                return false;
            }
            start = at + 1;
        }
    }
    bytes.len() - start < SHORTEST_KEY
}

/// The bit that letters have and digits have not.
const LETTER: u8 = 0x40;

fn ends_with_scheme(text: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| {
        let start = text.len().checked_sub(scheme.len());
        start.is_some_and(|start| text[start..].eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

/// What a byte says of the text that it stands in.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// There may be a secret beside it.
    Suspect,
    /// There may be a secret behind it if there is a name before it.
    Colon,
    /// There may be a secret behind it if there is a scheme or a flag before it.
    Space,
    /// A letter or a digit, of a word or of a key.
    Word,
    /// The letter that ends `eyJ`.
    LastOfPrefix,
    /// It may be a part of a key.
    InKey,
    Between,
}

/// The kind of each byte.
const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Between; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b' ' | b'\t' => Kind::Space,
            b':' => Kind::Colon,
            b'@' | b'%' | b'=' | b'&' | b'?' | b'\\' => Kind::Suspect,
            b'+' | b'_' | b'-' => Kind::InKey,
            b'J' => Kind::LastOfPrefix,
            _ if byte.is_ascii_alphanumeric() => Kind::Word,
            _ => Kind::Between,
        };
        byte += 1;
    }
    // The first byte of `＠` and `﹫` in UTF-8.
    kinds[0xef] = Kind::Suspect;
    kinds
};
