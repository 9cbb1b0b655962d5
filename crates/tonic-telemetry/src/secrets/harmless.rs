use super::{scan::SCHEMES, shapes::SHORTEST_KEY};

/// Whether a text surely has nothing to hide; quick, as most values are a name, a number, an address or
/// a short sentence.
///
/// Every secret that is known has one of a few characters, a long run of letters and digits, or `eyJ`;
/// or it comes after a name with a colon, or as a word after a scheme or a flag.
pub(super) fn is_harmless(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut run, mut has_letters, mut has_dashes) = (0, false, false);
    // The end of the last word so far.
    let mut word_end = 0;
    bytes.iter().enumerate().all(|(at, byte)| {
        match KINDS[usize::from(*byte)] {
            Kind::Suspect => return false,
            Kind::Colon if has_letters => return false,
            Kind::Space if has_dashes || ends_with_scheme(&bytes[..word_end]) => return false,
            Kind::Colon | Kind::Space | Kind::Between => run = 0,
            Kind::InKey => {
                run += 1;
                has_dashes |= *byte == b'-';
            }
            Kind::Word => {
                run += 1;
                has_letters |= byte.is_ascii_alphabetic();
                word_end = at + 1;
            }
        }
        run < SHORTEST_KEY && !(*byte == b'J' && bytes[..at].ends_with(b"ey"))
    })
}

fn ends_with_scheme(text: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| {
        let start = text.len().checked_sub(scheme.len());
        start.is_some_and(|start| text[start..].eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

/// What a byte says of the text that it stands in.
#[derive(Clone, Copy)]
enum Kind {
    /// There may be a secret beside it.
    Suspect,
    /// There may be a secret behind it if there is a name before it.
    Colon,
    /// There may be a secret behind it if there is a scheme or a flag before it.
    Space,
    /// A letter or a digit, of a word or of a key.
    Word,
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
            _ if byte.is_ascii_alphanumeric() => Kind::Word,
            _ => Kind::Between,
        };
        byte += 1;
    }
    // The first byte of `＠` and `﹫` in UTF-8.
    kinds[0xef] = Kind::Suspect;
    kinds
};
