use super::shapes::SHORTEST_KEY;

/// Whether a text surely has nothing to hide; quick, as most values are a name, a number or an
/// address.
///
/// Every secret that is known has one of these characters, a long run of letters and digits, or `eyJ`.
pub(super) fn is_harmless(text: &str) -> bool {
    let mut run = 0;
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| {
        match KINDS[usize::from(*byte)] {
            Kind::Suspect => return false,
            Kind::InKey => run += 1,
            Kind::Between => run = 0,
        }
        run < SHORTEST_KEY && !(*byte == b'J' && bytes[..at].ends_with(b"ey"))
    })
}

/// What a byte says of the text that it stands in.
#[derive(Clone, Copy)]
enum Kind {
    /// There may be a secret beside it.
    Suspect,
    /// It may be a part of a key.
    InKey,
    Between,
}

/// The kind of each byte.
const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Between; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            kinds[byte as usize] = Kind::InKey;
        }
        byte += 1;
    }
    (
        kinds[b'+' as usize],
        kinds[b'_' as usize],
        kinds[b'-' as usize],
    ) = (Kind::InKey, Kind::InKey, Kind::InKey);
    // The last is the first byte of `＠` and `﹫` in UTF-8.
    let suspects = b" \t@%=:&?\\\xef";
    let mut at = 0;
    while at < suspects.len() {
        kinds[suspects[at] as usize] = Kind::Suspect;
        at += 1;
    }
    kinds
};
