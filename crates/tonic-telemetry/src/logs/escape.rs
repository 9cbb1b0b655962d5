use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// Longest text of a value, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Prints a text from outside on one line. It can neither break the line nor steer a terminal.
///
/// Each character that a terminal or a viewer could take for a line break, for a command, or for a
/// change of the reading direction becomes `\\n`, `\\r`, `\\t` or `\\u202e` ([CWE-117][cwe], [CWE-150][150]);
/// in a JSON text that means the same. All others stay, those of JSON too.
///
/// ```
/// let name = tonic_telemetry::Printable("Ada\u{1b}[2J\n");
/// assert_eq!(name.to_string(), "Ada\\u001b[2J\\n");
/// ```
///
/// [cwe]: https://cwe.mitre.org/data/definitions/117.html
/// [150]: https://cwe.mitre.org/data/definitions/150.html
#[derive(Clone, Copy, Debug)]
pub struct Printable<T>(pub T);

impl<T: Display> Display for Printable<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaped(formatter), "{}", self.0)
    }
}

/// Escapes what is written through it.
struct Escaped<'a, W>(&'a mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars()
            .try_for_each(|character| write_char(self.0, character))
    }
}

/// Writes `text` for the inside of a JSON string, on one line and not longer than a page.
pub(super) fn escape(out: &mut impl Write, text: &str) -> fmt::Result {
    let text = truncate(text);
    let mut rest = &*text;
    // Up to the next character that may need an escape, all at once.
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        let (plain, marked) = rest.split_at(at);
        out.write_str(plain)?;
        let mut characters = marked.chars();
        match characters.next() {
            Some('"') => out.write_str("\\\"")?,
            Some('\\') => out.write_str("\\\\")?,
            Some(character) => write_char(out, character)?,
            None => {}
        }
        rest = characters.as_str();
    }
    out.write_str(rest)
}

/// Whether a byte is a character of its own that needs no escape.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn write_char(out: &mut impl Write, character: char) -> fmt::Result {
    match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        character if is_unsafe(character) => character
            .encode_utf16(&mut [0; 2])
            .iter()
            .try_for_each(|unit| write!(out, "\\u{unit:04x}")),
        plain => out.write_char(plain),
    }
}

/// The text; of a long one the beginning, and how long it was.
pub(super) fn truncate(text: &str) -> Cow<'_, str> {
    let start = start_of(text, MAX_VALUE_BYTES);
    if start.len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{start}… ({} bytes)", text.len()))
}

/// At most `longest` bytes of a text, cut between two characters. `str::floor_char_boundary` needs
/// Rust 1.91.
pub(crate) fn start_of(text: &str, longest: usize) -> &str {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Control characters of both sets, line separators, and characters without width that change how
/// others are shown: directions, annotations, tags. The joiners of emoji and of scripts stay.
fn is_unsafe(character: char) -> bool {
    let steers = matches!(
        character,
        '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    steers || character.is_control()
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
            ("\u{2066}\u{61c}", "\\u2066\\u061c", "an isolate and a mark"),
            ("\u{e0041}", "\\udb40\\udc41", "a tag, in two units"),
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
        assert!(cut.len() < MAX_VALUE_BYTES + 40, "{}", cut.len());
        assert!(cut.ends_with("… (120001 bytes)"));
    }

    #[test]
    fn printed_text_keeps_its_quotes_and_has_no_end() {
        let text = format!("\"\\ {}\u{1b}", "x".repeat(9000));
        let printed = Printable(&text).to_string();
        assert_eq!(printed, text.replace('\u{1b}', "\\u001b"));
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
