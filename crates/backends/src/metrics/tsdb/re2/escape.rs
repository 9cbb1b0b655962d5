//! A character after a backslash.

use super::error::PatternError;

/// A single character that is written with a backslash; it may be half of a surrogate pair.
pub(super) fn character(rest: &mut &str) -> Result<u32, PatternError> {
    let text = *rest;
    let mut chars = text.chars();
    chars.next();
    let Some(c) = chars.next() else {
        return Err(PatternError::new(
            "trailing backslash at end of expression",
            "",
        ));
    };
    let bad = |after: &str| {
        let part = &text[..text.len() - after.len()];
        Err(PatternError::new("invalid escape sequence", part))
    };
    let after = chars.as_str();
    let (value, after) = match c {
        '0'..='7' => match octal(c, after) {
            Some(read) => read,
            None => return bad(after),
        },
        'x' => match hexadecimal(after) {
            Some(read) => read,
            None => return bad(after),
        },
        'a' => (0x07, after),
        'f' => (0x0C, after),
        'n' => (0x0A, after),
        'r' => (0x0D, after),
        't' => (0x09, after),
        'v' => (0x0B, after),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => (u32::from(c), after),
        _ => return bad(after),
    };
    *rest = after;
    Ok(value)
}

/// Up to three digits, of which the first has been read. A single digit other than zero would be
/// a reference to a group.
fn octal(first: char, after: &str) -> Option<(u32, &str)> {
    let more = after
        .bytes()
        .take(2)
        .take_while(|it| (b'0'..=b'7').contains(it))
        .count();
    if first != '0' && more == 0 {
        return None;
    }
    let mut value = first.to_digit(8)?;
    for digit in after[..more].chars() {
        value = value * 8 + digit.to_digit(8)?;
    }
    Some((value, &after[more..]))
}

/// Two digits, or any number of them in brackets.
fn hexadecimal(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = match text.strip_prefix('{') {
        Some(text) => text.split_once('}')?,
        None => (text.get(..2)?, &text[2..]),
    };
    let is_hexadecimal = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_hexdigit());
    let value = if is_hexadecimal {
        u32::from_str_radix(digits.trim_start_matches('0'), 16)
    } else {
        return None;
    };
    let value = if digits.bytes().all(|it| it == b'0') {
        0
    } else {
        value.ok()?
    };
    (value <= u32::from(char::MAX)).then_some((value, after))
}
