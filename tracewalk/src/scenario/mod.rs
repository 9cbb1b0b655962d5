//! `tracewalk scenario`: plays what can go wrong on a running stack, and checks what is to be seen.
//!
//! ```text
//!  scenarios/*.toml ─► file ─► play: settle ─► calls ─► look ─► judge ─► report
//!                                              │        │ trace, /metrics
//!                                              └► gateway
//! ```
//!
//! A scenario is a file that a person can read: a fault, the calls that meet it, and expectations of
//! codes, spans and metrics. docs/reference.md has the format, docs/walkthrough.md the tour.

mod arrival;
mod calls;
mod changes;
mod claim;
mod codes;
mod describe;
mod environment;
mod error;
mod exemplars;
mod fields;
mod file;
mod judge;
mod library;
mod linked;
mod look;
mod metrics;
mod mystery;
mod play;
mod player;
mod progress;
mod queries;
mod raw;
mod report;
mod samplers;
mod scraped;
mod series;
mod settle;
mod share;
mod spans;
mod stage;
#[cfg(test)]
mod tests;
mod token;
mod unknown;
mod watched;
mod workload;

pub(crate) use mystery::{Mystery, run as mystery};

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::client::{Admin, Target, Uri, parse_url};
use environment::Environment;
use file::Scenario;
use report::Report;
use stage::{cannot_play, launcher};

/// What to do with the scenarios.
#[derive(Args, Debug)]
pub(crate) struct ScenarioArgs {
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
    /// Plays one or all of them; exit code 1 if one expectation is not met.
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
    /// Address of Prometheus, or of the same API of `tracewalk up`.
    #[arg(
        long,
        env = "TRACEWALK_PROMETHEUS",
        default_value = "http://127.0.0.1:9090",
        value_name = "URL",
        value_parser = parse_url
    )]
    prometheus: Uri,
    /// Folder of the data of `tracewalk up`, where its launcher listens.
    #[arg(
        long,
        env = "TRACEWALK_DATA_DIR",
        value_name = "FOLDER",
        default_value = "data"
    )]
    data_dir: PathBuf,
}

/// Lists or plays scenarios.
///
/// # Errors
/// When there is no such scenario, when its file cannot be read, or when the stack cannot play it.
pub(crate) async fn run(scenario: ScenarioArgs) -> anyhow::Result<ExitCode> {
    match scenario.command {
        Command::List { json } => report::list(&library::all()?, json),
        Command::Run(run) => run.play().await,
    }
}

impl Run {
    async fn play(self) -> anyhow::Result<ExitCode> {
        let scenarios = self.scenarios()?;
        let environment = Environment::open(self.target, self.admin).await?;
        // Checked before anything is printed: a stack that takes no faults, or whose traces
        // cannot be read, is no environment for scenarios.
        for scenario in &scenarios {
            environment.caller(&scenario.calls).await?;
        }
        let (data_dir, gateway) = (&self.data_dir, &environment.target.gateway);
        let has_launcher = if scenarios.iter().any(Scenario::needs_launcher) {
            launcher(data_dir, gateway).await.map(drop)
        } else {
            Ok(())
        };
        if let (Err(why), false) = (&has_launcher, self.all) {
            return Err(cannot_play(&scenarios[0], why));
        }
        if scenarios.iter().any(Scenario::needs_traces) {
            environment.has_traces().await?;
        }
        let mut report = Report::new(&environment.target, scenarios.len());
        for scenario in &scenarios {
            if let (Err(why), true) = (&has_launcher, scenario.needs_launcher()) {
                report.skip(scenario, &cannot_play(scenario, why))?;
                continue;
            }
            report.begin(scenario)?;
            let played = play::play(scenario, &environment, &self.prometheus, data_dir).await?;
            report.end(scenario, &played)?;
        }
        let failed = report.sum()?;
        Ok(ExitCode::from(u8::from(failed > 0)))
    }

    fn scenarios(&self) -> anyhow::Result<Vec<Scenario>> {
        if let Some(path) = &self.file {
            let shown = path.display().to_string();
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            return Ok(vec![Scenario::read(&name, &shown, &text)?]);
        }
        match &self.name {
            Some(name) => Ok(vec![library::find(name)?]),
            None => library::all(),
        }
    }
}
