use std::{io, time::Duration};

use console::{Alignment, pad_str};
use indicatif::ProgressBar;

use super::drain::round;
use crate::{
    embedded::spinner,
    output::{self, bold},
};

/// Says what has started and how long it took; on a terminal, with a spinner below.
#[derive(Debug)]
pub(super) struct Progress {
    /// `None` where nobody watches.
    spinner: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    pub(super) fn start(quiet: bool) -> Self {
        let spinner = (!quiet && output::is_terminal()).then(|| spinner("starting"));
        Self { spinner, quiet }
    }

    /// One part has started.
    pub(super) fn done(&self, what: &str, took: Duration) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        let line = || {
            let took = humantime::format_duration(round(took)).to_string();
            let took = pad_str(&took, 8, Alignment::Right, None);
            output::line(format_args!("  {what:<18} {}", bold(took)))
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(line),
            None => line(),
        }
    }

    /// Takes the spinner away.
    pub(super) fn finish(self) {
        if let Some(spinner) = self.spinner {
            spinner.finish_and_clear();
        }
    }
}
