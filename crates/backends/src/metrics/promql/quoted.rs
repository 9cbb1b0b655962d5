//! Texts in quotes, with Go's escapes.

/// Where in the text something is wrong, and what.
type Bad = (usize, &'static str);

const NO_CHARACTER: &str = "escape sequence is an invalid Unicode code point";

/// Reads from a quote to the next one: the text between, and its length in bytes with the quotes.
///
/// Between backquotes every character stands for itself. `\x` and octal numbers are bytes; bytes
/// that are not UTF-8 become U+FFFD.
pub(super) fn unquote(text: &str, quote: char) -> Result<(String, usize), Bad> {
    let mut bytes = Vec::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                return Ok((text, at + 1));
            }
            '\n' if quote != '`' => break,
            '\\' if quote != '`' => {
                let taken = escape(&text[at + 1..], quote, &mut bytes).map_err(|it| (at, it))?;
                for _ in 0..taken {
                    chars.next();
                }
            }
            char::REPLACEMENT_CHARACTER => return Err((at, "invalid UTF-8 rune")),
            _ => push(&mut bytes, c),
        }
    }
    Err((0, "unterminated quoted string"))
}

/// What follows a backslash, as bytes, and how many characters it has.
fn escape(text: &str, quote: char, bytes: &mut Vec<u8>) -> Result<usize, &'static str> {
    let first = text
        .chars()
        .next()
        .ok_or("escape sequence not terminated")?;
    let (digits, base) = match first {
        '0'..='7' => (text.get(..3), 8),
        'x' => (text.get(1..3), 16),
        'u' => (text.get(1..5), 16),
        'U' => (text.get(1..9), 16),
        _ => {
            push(
                bytes,
                single(first, quote).ok_or("unknown escape sequence")?,
            );
            return Ok(1);
        }
    };
    let digits = digits.filter(|it| it.chars().all(|c| c.is_digit(base)));
    let digits = digits.ok_or("illegal character in escape sequence")?;
    let value = u32::from_str_radix(digits, base).map_err(|_| NO_CHARACTER)?;
    if matches!(first, 'u' | 'U') {
        push(bytes, char::from_u32(value).ok_or(NO_CHARACTER)?);
    } else {
        bytes.push(u8::try_from(value).map_err(|_| NO_CHARACTER)?);
    }
    Ok(digits.len() + usize::from(base == 16))
}

/// What one character after a backslash stands for.
fn single(c: char, quote: char) -> Option<char> {
    Some(match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{C}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{B}',
        '\\' => '\\',
        _ if c == quote => c,
        _ => return None,
    })
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{NO_CHARACTER, unquote};

    #[rstest]
    #[case(r#""a\x41\101\u00e4\U0001F600""#, "aAA\u{e4}\u{1F600}")]
    #[case(r#""\a\b\f\n\r\t\v\\\"""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}\\\"")]
    #[case(r"'it\'s'", "it's")]
    #[case(r#""\xe2\x82\xac""#, "\u{20ac}")]
    #[case(r#""\xff""#, "\u{fffd}")]
    #[case("`a\\n\n\"`", "a\\n\n\"")]
    fn escapes_are_those_of_go(#[case] quoted: &str, #[case] text: &str) {
        let quote = quoted.chars().next().unwrap();
        assert_eq!(unquote(quoted, quote), Ok((text.to_owned(), quoted.len())));
    }

    #[rstest]
    #[case(r#""\q""#, "unknown escape sequence")]
    #[case(r#""\'""#, "unknown escape sequence")]
    #[case(r#""\x4""#, "illegal character in escape sequence")]
    #[case(r#""\18""#, "illegal character in escape sequence")]
    #[case(r#""\x+1""#, "illegal character in escape sequence")]
    #[case(r#""\400""#, NO_CHARACTER)]
    #[case(r#""\ud800""#, NO_CHARACTER)]
    #[case(r#""\U00110000""#, NO_CHARACTER)]
    #[case("\"a\nb\"", "unterminated quoted string")]
    #[case("\"\\", "escape sequence not terminated")]
    fn others_are_refused(#[case] quoted: &str, #[case] error: &str) {
        assert_eq!(unquote(quoted, '"').unwrap_err().1, error);
    }
}
