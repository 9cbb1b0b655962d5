/// Whether an attribute or a field of this name holds a secret or names a person.
///
/// Asked for every attribute of every span, so it reads the name once and copies nothing.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.as_bytes();
    let is_token = name.split_last_chunk::<5>().is_some_and(|(before, last)| {
        begins_with(last, b"token") && before.last().is_none_or(|byte| separates(*byte))
    });
    is_token || (0..name.len()).any(|at| names_secret(&name[at..]))
}

/// Whether a text begins with the name of a secret.
fn names_secret(text: &[u8]) -> bool {
    let [first, second, ..] = text else {
        return false;
    };
    let words: &[&str] = match (first | LOWER, second | LOWER) {
        (b'a', b'p') => &["api_key", "apikey"],
        (b'a', b'u') => &["authorization"],
        (b'c', b'o') => &["cookie"],
        (b'c', b'r') => &["credential"],
        (b'e', b'm') => &["email"],
        (b'e', _) if separates(*second) => &["e_mail"],
        (b'p', b'a') => &["password", "passwd", "passphrase"],
        (b'p', b'r') => &["private_key"],
        (b's', b'e') => &["secret"],
        _ => return false,
    };
    words.iter().any(|word| begins_with(text, word.as_bytes()))
}

/// The bit by which a small letter differs from a capital.
const LOWER: u8 = 0x20;

/// Whether a text begins with a word, in capitals or not; any separator stands for `_`.
fn begins_with(text: &[u8], word: &[u8]) -> bool {
    let same = |(byte, expected): (&u8, &u8)| {
        byte.eq_ignore_ascii_case(expected) || *expected == b'_' && separates(*byte)
    };
    text.len() >= word.len() && text.iter().zip(word).all(same)
}

fn separates(byte: u8) -> bool {
    b"_-.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "authorization",
            "X-Api-Key",
            "user.email",
            "access_token",
            "db.password",
            "http.request.header.cookie",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["user_id", "tokens_left", "method", "key", "grpc"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
