//! Text of which nothing but line breaks and colours steers the terminal.

use std::fmt::{self, Display, Formatter};

use super::Printable;

/// Lets line breaks through, and colours where there are some; escapes everything else that could steer
/// a terminal.
pub(super) struct Screened<T>(pub(super) T, pub(super) bool);

impl<T: Display> Display for Screened<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.to_string().split('\n').enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            let mut rest = line;
            while let Some(start) = rest.find("\u{1b}[") {
                // At least the escape character itself, where no colour follows it.
                let length = colour(&rest[start..]).filter(|_| self.1).unwrap_or(0);
                write!(f, "{}", Printable(&rest[..start]))?;
                f.write_str(&rest[start..start + length])?;
                let after = start + length.max(1);
                write!(f, "{}", Printable(&rest[start + length..after]))?;
                rest = &rest[after..];
            }
            write!(f, "{}", Printable(rest))?;
        }
        Ok(())
    }
}

/// How long the sequence is that a text begins with, if all that it does is to set colours.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    parameters[end..].starts_with('m').then_some(end + 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Screened;

    #[test]
    fn lines_and_colours_pass_and_nothing_else_steers_the_terminal() {
        for (text, expected) in [
            ("a\n\u{1b}[1;31mb\u{1b}[0m", "a\n\u{1b}[1;31mb\u{1b}[0m"),
            ("\u{1b}[2J\u{1b}[31m", "\\u001b[2J\u{1b}[31m"),
            ("\u{1b}]0;title\u{7}", "\\u001b]0;title\\u0007"),
            ("\u{1b}[", "\\u001b["),
            ("\u{1b}\u{1b}[0m", "\\u001b\u{1b}[0m"),
            ("\u{9b}2J\r\u{202e}", "\\u009b2J\\r\\u202e"),
        ] {
            assert_eq!(Screened(text, true).to_string(), expected);
        }
        assert_eq!(Screened("\u{1b}[31ma", false).to_string(), "\\u001b[31ma");
    }

    proptest! {
        #[test]
        fn what_is_written_has_no_control_but_lines_and_colours(
            text in "(\u{1b}\\[[0-9;]{0,3}[mJ]?|[ -~\n\u{7}\u{1b}\u{85}\u{9b}\u{202e}\u{2028}]){0,12}",
        ) {
            let written = Screened(&text, true).to_string();
            let left = console::strip_ansi_codes(&written).replace('\n', "");
            prop_assert!(!left.contains(char::is_control), "{written:?}");
            prop_assert!(!written.contains(['\u{202e}', '\u{2028}', '\u{7}']), "{written:?}");
        }
    }
}
