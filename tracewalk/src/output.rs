//! Where the commands write: results to standard output, mistakes to standard error.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
};

use owo_colors::{OwoColorize as _, Style};

/// Writes one line to standard output.
///
/// # Errors
/// When standard output is closed; `main` takes a broken pipe for a reader who has seen enough.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Writes a value as one line of JSON to standard output, for scripts.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn json(value: &serde_json::Value) -> io::Result<()> {
    line(value)
}

/// Writes one line to standard error; nobody can be told when that fails.
pub(crate) fn note(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Writes what went wrong, with its causes, to standard error.
pub(crate) fn mistake(error: &anyhow::Error) {
    note(format_args!(
        "{} {}",
        paint_error("error:"),
        with_causes(error)
    ));
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

/// For what matters less: dimmed on a terminal, plain elsewhere.
pub(crate) fn dim(text: impl Display) -> String {
    paint(text, Style::new().dimmed(), io::stdout().is_terminal())
}

/// Red on a terminal, plain elsewhere; judged by standard error, where errors go.
pub(crate) fn paint_error(text: impl Display) -> String {
    paint(text, Style::new().red().bold(), io::stderr().is_terminal())
}

/// Red on a terminal, plain elsewhere; for what stands among results.
pub(crate) fn paint_broken(text: impl Display) -> String {
    paint(text, Style::new().red().bold(), io::stdout().is_terminal())
}

/// Has the libraries that draw for us obey the same rule: each has one of its own.
pub(crate) fn set_colours() {
    console::set_colors_enabled(io::stdout().is_terminal() && wants_colours());
    console::set_colors_enabled_stderr(io::stderr().is_terminal() && wants_colours());
}

/// By <https://no-color.org>: unless the variable is there and not empty.
pub(crate) fn wants_colours() -> bool {
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
mod causes {
    use anyhow::anyhow;

    use super::with_causes;

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
}
