//! Where the commands write: results to standard output, mistakes to standard error.
//!
//! The printed text comes from outside: from a server, a trace store, a file. It must neither steer
//! the terminal nor forge a line, so it is escaped twice. A text from outside that is put into a
//! line goes through [`Printable`], the escaper of the logs. All that is written here is escaped
//! again, except line breaks and the colours of a terminal.

mod screened;
mod wrap;

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
};

use console::{Alignment, pad_str};
use owo_colors::{OwoColorize as _, Style};

use screened::Screened;
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

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{cell, with_causes};

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
    fn columns_are_as_wide_as_the_terminal_shows_them() {
        assert_eq!(cell("ada", 5), "ada  ");
        assert_eq!(cell("漢字", 5), "漢字 ");
        assert_eq!(cell("a\nb", 5), "a\\nb ");
        assert_eq!(cell("too long", 3), "too long");
    }
}
