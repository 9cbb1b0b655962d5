//! `tracewalk scenario`: plays what can go wrong on a running stack, and checks what is to be seen.
//!
//! ```text
//!  scenarios/*.toml ─► file ─► play: calm ─► calls ─► look ─► judge ─► report
//!                                              │        │ trace, /metrics
//!                                              └► gateway
//! ```
//!
//! A scenario is a file that a person can read: a fault, the calls that meet it, and promises of
//! codes, spans and metrics. docs/reference.md has the format, docs/walkthrough.md the tour.

mod calls;
mod calm;
mod file;
mod judge;
mod library;
mod metrics;
mod mistake;
mod play;
mod report;
mod spans;
mod stage;
#[cfg(test)]
mod tests;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::client::{Admin, Target};
use file::Script;
use report::Report;
use stage::Stage;

/// What to do with the scenarios.
#[derive(Args, Debug)]
pub(crate) struct Scenario {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the scenarios.
    List {
        /// Prints one line of JSON for each, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Plays one or all of them; exit code 1 if a promise is broken.
    Run(Box<Run>),
}

/// Which to play, and on which stack.
#[derive(Args, Debug)]
struct Run {
    /// The name of a scenario, as `tracewalk scenario list` prints it.
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "file"])]
    name: Option<String>,
    /// Plays all of them, one after another.
    #[arg(long, conflicts_with_all = ["name", "file"])]
    all: bool,
    /// Plays a scenario of your own.
    #[arg(long, value_name = "PATH", conflicts_with = "name")]
    file: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    admin: Admin,
}

/// Lists or plays scenarios.
///
/// # Errors
/// When there is no such scenario, when its file cannot be read, or when the stack cannot play it.
pub(crate) async fn run(scenario: Scenario) -> anyhow::Result<ExitCode> {
    match scenario.command {
        Command::List { json } => report::list(&library::all()?, json),
        Command::Run(run) => run.play().await,
    }
}

impl Run {
    async fn play(self) -> anyhow::Result<ExitCode> {
        let scripts = self.scripts()?;
        let stage = Stage::open(self.target, self.admin).await?;
        // Before anything is said: a stack that takes no faults is no stage, nor is one unseen.
        for script in &scripts {
            stage.caller(&script.calls.faults).await?;
        }
        if scripts.iter().any(|script| !script.spans.is_empty()) {
            stage.has_traces().await?;
        }
        let report = Report::new(&stage.target, scripts.len());
        let mut broken = 0;
        for script in &scripts {
            report.begin(script)?;
            let played = play::play(script, &stage).await?;
            report.end(script, &played)?;
            broken += usize::from(!played.is_kept());
        }
        report.sum(broken)?;
        Ok(ExitCode::from(u8::from(broken > 0)))
    }

    fn scripts(&self) -> anyhow::Result<Vec<Script>> {
        if let Some(path) = &self.file {
            let shown = path.display().to_string();
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            return Ok(vec![Script::read(&name, &shown, &text)?]);
        }
        match &self.name {
            Some(name) => Ok(vec![library::find(name)?]),
            None => library::all(),
        }
    }
}
