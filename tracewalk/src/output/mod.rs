//! Where the commands write: results to standard output, mistakes to standard error.
//!
//! The printed text comes from outside: from a server, a trace store, a file. It must neither steer
//! the terminal nor forge a line, so it is escaped twice. A text from outside that is put into a
//! line goes through [`Printable`], the escaper of the logs. All that is written here is escaped
//! again, except line breaks and the colours of a terminal.

mod wrap;

use std::{
    env,
    fmt::{self, Display, Formatter},
    io::{self, IsTerminal as _, Write as _},
};

use console::{Alignment, pad_str};
use owo_colors::{OwoColorize as _, Style};

pub(crate) use tonic_telemetry::Printable;
pub(crate) use wrap::{fit, terminal_width};

/// Writes lines to standard output.
///
/// # Errors
/// When standard output is closed; `main` takes a broken pipe for a reader who has seen enough.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", Screened(text, has_colours()))
}

/// Writes a value as one line of JSON to standard output, for scripts.
///
/// What could steer a terminal is escaped beyond what JSON asks for; a reader gets the same values.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn json(value: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", Printable(value))
}

/// Writes lines to standard error; nobody can be told when that fails.
pub(crate) fn note(text: impl Display) {
    let text = Screened(text, errors_have_colours());
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// A text from outside, in a column of at least this width on the terminal.
pub(crate) fn cell(text: impl Display, width: usize) -> String {
    let text = Printable(text).to_string();
    pad_str(&text, width, Alignment::Left, None).into_owned()
}

/// Writes what went wrong, with its causes, to standard error.
pub(crate) fn mistake(error: &anyhow::Error) {
    refusal(Printable(with_causes(error)));
}

/// Writes to standard error why there is no result.
pub(crate) fn refusal(reason: impl Display) {
    let style = Style::new().red().bold();
    let error = paint("error:", style, io::stderr().is_terminal());
    note(format_args!("{error} {reason}"));
}

/// An error and its causes, each once: some libraries print their cause themselves.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Whether standard output is a terminal: a place for spinners, and someone who watches.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Bold on a terminal, plain elsewhere.
pub(crate) fn bold(text: impl Display) -> String {
    paint(text, Style::new().bold(), io::stdout().is_terminal())
}

/// Green on a terminal, plain elsewhere; for what is as it should be.
pub(crate) fn paint_good(text: impl Display) -> String {
    paint(text, Style::new().green(), io::stdout().is_terminal())
}

/// For what matters less: dimmed on a terminal, plain elsewhere.
pub(crate) fn dim(text: impl Display) -> String {
    paint(text, Style::new().dimmed(), io::stdout().is_terminal())
}

/// Red on a terminal, plain elsewhere; for failures among results.
pub(crate) fn paint_broken(text: impl Display) -> String {
    paint(text, Style::new().red().bold(), io::stdout().is_terminal())
}

/// Makes the libraries that draw for us use our rule for colours: each has a rule of its own.
pub(crate) fn set_colours() {
    console::set_colors_enabled(has_colours());
    console::set_colors_enabled_stderr(errors_have_colours());
}

/// Whether standard output shows colours.
pub(crate) fn has_colours() -> bool {
    is_terminal() && wants_colours()
}

/// Whether standard error shows colours.
pub(crate) fn errors_have_colours() -> bool {
    io::stderr().is_terminal() && wants_colours()
}

/// By <https://no-color.org>: unless the variable is there and not empty.
fn wants_colours() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn paint(text: impl Display, style: Style, terminal: bool) -> String {
    if terminal && wants_colours() {
        text.style(style).to_string()
    } else {
        text.to_string()
    }
}

/// Lets line breaks through, and colours where there are some; escapes everything else that could steer
/// a terminal.
struct Screened<T>(T, bool);

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
    use anyhow::anyhow;
    use proptest::prelude::*;

    use super::{Screened, cell, with_causes};

    #[test]
    fn each_cause_is_printed_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read: {0}")]
        struct Repeats(#[source] std::io::Error);

        let error = std::io::Error::other("disk on fire");
        let error = anyhow!(Repeats(error)).context("cannot open users");
        let text = "cannot open users: cannot read: disk on fire";
        assert_eq!(with_causes(&error), text);
    }

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

    #[test]
    fn columns_are_as_wide_as_the_terminal_shows_them() {
        assert_eq!(cell("ada", 5), "ada  ");
        assert_eq!(cell("漢字", 5), "漢字 ");
        assert_eq!(cell("a\nb", 5), "a\\nb ");
        assert_eq!(cell("too long", 3), "too long");
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
