//! `tracewalk load`: an open loop of mixed calls.
//!
//! Open loop: a call is due at its time whether or not earlier ones are answered, and its latency
//! counts from then. So a slow service shows as latency, not as fewer calls.

mod generator;
mod mix;
mod open_loop;
mod pacer;
mod report;
mod tally;

pub(crate) use generator::CallGenerator;
pub(crate) use mix::{Kind, Mix};
pub(crate) use open_loop::{OpenLoop, Outcome, Seen};
pub(crate) use pacer::parse_rate;

use std::{process::ExitCode, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc;

use crate::{
    client::{self, Caller, FaultArgs, Target},
    output,
    stop::Stop,
};
use tally::Tally;

/// How much of what, for how long, against whom.
#[derive(Args, Debug)]
pub(crate) struct Load {
    /// Calls a second, at an even rate.
    #[arg(long, default_value = "100", value_name = "CALLS", value_parser = parse_rate)]
    rps: f64,
    /// For how long calls become due, as `30s` or `5m`.
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = humantime::parse_duration)]
    duration: Duration,
    /// The most calls in flight; those due beyond it wait, and their latency counts the wait.
    #[arg(long, value_name = "CALLS", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: u32,
    /// The share of each kind of call.
    #[arg(long, default_value = "get=80,create=5,watch=5,import=5,lookup=5")]
    mix: Mix,
    /// The same seed makes the same calls in the same order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    faults: FaultArgs,
}

/// Sends the calls, with a progress bar on a terminal; Ctrl-C ends early and still reports.
pub(crate) async fn run(load: Load) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        load.rps > 0.0,
        "--rps 0 makes no calls: expected more than 0"
    );
    let bearer = load.target.token.bearer()?;
    let channels = client::connect_gateway(&load.target.gateway, load.concurrency).await?;
    let timeout = load.target.timeout;
    let baggage = load.faults.baggage(&channels[0], timeout).await?;
    let has_faults = baggage.is_some();
    let caller = Caller::new(bearer, baggage);
    let generator = CallGenerator::new(channels, caller, timeout);
    let open_loop = OpenLoop {
        rps: load.rps,
        duration: Some(load.duration),
        concurrency: load.concurrency,
        mix: load.mix,
        seed: load.seed,
    };
    let bar = bar(open_loop.total().unwrap_or_default(), load.target.json);
    let (outcomes, mut results) = mpsc::unbounded_channel();
    let stop = Stop::on_signal()?;
    let running = tokio::spawn(open_loop.run(generator, outcomes, stop.clone()));
    let mut tally = Tally::new();
    while let Some(outcome) = results.recv().await {
        tally.add(outcome);
        bar.inc(1);
        bar.set_message(tally.headline());
    }
    running.await?;
    bar.finish_and_clear();
    let succeeded = has_faults || tally.succeeded();
    let report = tally.report(&load.target);
    if load.target.json {
        output::json(&report.to_json())?;
    } else {
        output::line(report)?;
    }
    Ok(ExitCode::from(u8::from(!succeeded)))
}

/// Drawn on standard error, and only when that is a terminal.
fn bar(total: u64, hidden: bool) -> ProgressBar {
    let target = if hidden {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let template = "{elapsed_precise} {bar:40.cyan/dim} {pos}/{len} calls  {msg}";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    ProgressBar::with_draw_target(Some(total), target).with_style(style)
}
