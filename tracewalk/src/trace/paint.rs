//! Colours: one for each service, red for errors.

use std::fmt::Display;

use owo_colors::{AnsiColors, OwoColorize as _, Style};

use crate::output;

/// Red is for errors, black and white for the terminal.
const SERVICES: [AnsiColors; 10] = [
    AnsiColors::Cyan,
    AnsiColors::Yellow,
    AnsiColors::Magenta,
    AnsiColors::Green,
    AnsiColors::Blue,
    AnsiColors::BrightCyan,
    AnsiColors::BrightYellow,
    AnsiColors::BrightMagenta,
    AnsiColors::BrightGreen,
    AnsiColors::BrightBlue,
];

/// Whether there are colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    on: bool,
}

impl Paint {
    /// Colours on a terminal, unless `NO_COLOR` is set: <https://no-color.org>.
    pub(super) fn for_stdout() -> Self {
        Self {
            on: output::has_colours(),
        }
    }

    #[cfg(test)]
    pub(super) fn new(on: bool) -> Self {
        Self { on }
    }

    /// The text in the colour of the service that appeared at this place.
    pub(super) fn service(self, place: usize, text: impl Display) -> String {
        self.with(Style::new().color(SERVICES[place % SERVICES.len()]), text)
    }

    pub(super) fn error(self, text: impl Display) -> String {
        self.with(Style::new().red().bold(), text)
    }

    pub(super) fn bold(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: impl Display) -> String {
        if self.on {
            text.style(style).to_string()
        } else {
            text.to_string()
        }
    }
}
