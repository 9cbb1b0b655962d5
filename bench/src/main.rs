//! What each mechanism costs: CPU, latency and memory of a chain with and without it.
//!
//! ```console
//! $ cargo run --release -p bench
//! $ cargo run --release -p bench -- --variants transport,full --load 16,64,256,2000rps --json bench.json
//! ```
//!
//! The chain is three processes of this program, each of which answers `GetUser` or asks the next one:
//! [`Variant`] lists what is around these handlers. Each round runs all variants one after the other,
//! and compares them with the first one within the round: a machine's speed drifts, a ratio of
//! neighbours does not.
//!
//! `cargo run --release -p bench -- instructions` counts instead: the instructions of a call hardly
//! depend on the machine and its load, so a limit for them guards what a call costs.
//!
//! CPU is what the kernel's scheduler counted for every thread of the three processes while the calls
//! ran, so this needs Linux; the callers and the collector are not in it.

mod chain;
mod collector;
mod drive;
mod hop;
mod instructions;
mod load;
mod process;
mod report;
mod variant;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tokio::runtime;

use chain::{Chain, Run};
use collector::Collector;
use load::Load;
use report::{Measurement, Report};
use variant::Variant;

/// Measures what each mechanism costs, in rounds of all variants.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Counts the instructions of a call under valgrind, and fails above the recorded limits.
    Instructions(instructions::Counts),
    /// Runs one process of the chain.
    #[command(hide = true)]
    Hop(hop::Hop),
}

/// What is measured.
#[derive(Args, Debug)]
struct Plan {
    /// What is compared; the ratios are those to the first.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "transport,plain,metrics,unsampled,sampled,full"
    )]
    variants: Vec<Variant>,
    /// Calls in flight at any time, as `64`, or begun each second, as `2000rps`.
    #[arg(long, value_delimiter = ',', default_value = "64")]
    load: Vec<Load>,
    /// How often each variant is measured.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of each measured run; a second of warm-up comes before it.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Writes all measurements to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fails when the median ratio of a variant is above this: a guard for scripts.
    #[arg(long)]
    limit: Option<f64>,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let callers = || runtime::Builder::new_current_thread().enable_all().build();
    match cli.command {
        Some(Command::Hop(hop)) => runtime::Runtime::new()?.block_on(hop::run(hop)),
        Some(Command::Instructions(counts)) => callers()?.block_on(instructions::check(counts)),
        None => callers()?.block_on(run(cli.plan)),
    }
}

async fn run(plan: Plan) -> anyhow::Result<()> {
    let mut report = Report::default();
    for load in &plan.load {
        for round in 1..=plan.rounds {
            for variant in &plan.variants {
                let measured = measure(*variant, *load, Duration::from_secs(plan.seconds));
                let measured = measured
                    .await
                    .with_context(|| format!("{variant} failed"))?;
                report.add(round, measured);
            }
        }
        report.print(*load);
    }
    if let Some(file) = &plan.json {
        fs::write(file, report.to_json()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    match plan.limit {
        Some(limit) => report.check(limit),
        None => Ok(()),
    }
}

/// One run of one variant, with processes of its own.
async fn measure(variant: Variant, load: Load, time: Duration) -> anyhow::Result<Measurement> {
    let collector = Collector::start().await?;
    let chain = Chain::start(variant, Run::Natively, collector.endpoint()).await?;
    let warm_up = drive::run(chain.first(), load, Duration::from_secs(1)).await?;
    let before = chain.cpu()?;
    let answers = drive::run(chain.first(), load, time).await?;
    let cpu = chain.cpu()?.saturating_sub(before);
    let resident_kib = chain.resident_kib()?;
    drop(chain.stop().await?);
    let calls = warm_up.calls() + answers.calls();
    Ok(Measurement::new(
        variant,
        load,
        &answers,
        cpu,
        resident_kib,
        (collector.spans(), variant.spans_of(calls)),
    ))
}
