use std::fmt::Display;

use indicatif::ProgressBar;

use crate::{
    embedded::spinner,
    output::{self, Printable},
};

/// Says below the output what is waited for; only on a terminal.
#[derive(Debug)]
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Begins to wait; a quiet one says nothing.
    pub(super) fn start(quiet: bool) -> Self {
        Self((!quiet && output::is_terminal()).then(|| spinner("waiting")))
    }

    /// Says what is waited for.
    pub(super) fn says(&self, what: impl Display) {
        if let Some(spinner) = &self.0 {
            spinner.set_message(Printable(format_args!("waiting {what}")).to_string());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(spinner) = &self.0 {
            spinner.finish_and_clear();
        }
    }
}
