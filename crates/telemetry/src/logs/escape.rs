use std::borrow::Cow;
use std::fmt::{self, Write};

/// Longest text of a value, in bytes.
const LONGEST: usize = 4096;

/// Writes `text` for the inside of a JSON string, on one line and not longer than a page.
///
/// Beyond what JSON asks for, it escapes every character that a terminal or a viewer could take
/// for a line break, for a command, or for a change of the reading direction ([CWE-117][cwe]).
///
/// [cwe]: https://cwe.mitre.org/data/definitions/117.html
pub(super) fn escape(out: &mut impl Write, text: &str) -> fmt::Result {
    for character in cut(text).chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            unsafe_one if is_unsafe(unsafe_one) => {
                write!(out, "\\u{:04x}", u32::from(unsafe_one))?;
            }
            plain => out.write_char(plain)?,
        }
    }
    Ok(())
}

/// The text, or its beginning and how long it was.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    let end = text.floor_char_boundary(LONGEST);
    if end == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}… ({} bytes)", &text[..end], text.len()))
}

fn is_unsafe(character: char) -> bool {
    let separators = '\u{2028}'..='\u{2029}';
    let directions = [
        '\u{200e}'..='\u{200f}',
        '\u{202a}'..='\u{202e}',
        '\u{2066}'..='\u{2069}',
    ];
    character.is_control()
        || separators.contains(&character)
        || directions.iter().any(|range| range.contains(&character))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text).expect("a string takes everything");
        out
    }

    #[test]
    fn nothing_that_breaks_a_line_or_steers_a_terminal_is_written() {
        let cases = [
            ("a\nb\r\n", "a\\nb\\r\\n", "line breaks"),
            ("\u{1b}[31mred", "\\u001b[31mred", "an ANSI sequence"),
            (
                "a\u{2028}b\u{2029}c",
                "a\\u2028b\\u2029c",
                "the separators of Unicode",
            ),
            (
                "\u{85}\u{9b}",
                "\\u0085\\u009b",
                "the second set of control characters",
            ),
            ("\u{202e}gpj", "\\u202egpj", "a change of direction"),
            ("say \"\\\"", "say \\\"\\\\\\\"", "what ends a JSON string"),
            ("\u{0}\u{7f}", "\\u0000\\u007f", "NUL and DEL"),
            ("Grüße 🦀", "Grüße 🦀", "text of the world stays"),
        ];
        for (text, expected, reason) in cases {
            assert_eq!(escaped(text), expected, "{reason}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters_and_says_how_long_it_was() {
        let text = "ü".repeat(60_000);
        let cut = escaped(&format!("x{text}"));
        assert!(cut.len() < LONGEST + 40, "{}", cut.len());
        assert!(cut.ends_with("… (120001 bytes)"));
    }

    proptest! {
        #[test]
        fn escaped_text_reads_back_as_it_was(text in "\\PC{0,200}|[\\x00-\\x7f\u{2028}]{0,40}") {
            let quoted = format!("\"{}\"", escaped(&text));
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).expect("valid JSON"), text);
            let breaks_out = quoted.contains(['\n', '\r', '\u{2028}', '\u{1b}']);
            prop_assert!(!breaks_out);
        }
    }
}
