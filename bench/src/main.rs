//! What each mechanism costs: CPU, latency and memory of a chain with and without it.
//!
//! ```console
//! $ cargo run --release -p bench
//! $ cargo run --release -p bench -- --variants transport,full --load 16,64,256,2000rps --json bench.json
//! ```
//!
//! The chain is processes of this program, three where nothing else is said, each of which answers `GetUser` or asks the next one:
//! [`Variant`] lists what is around these handlers; some are the same chain in Go. Each round runs all variants one after the other,
//! and compares them with the first one within the round: a machine's speed drifts, a ratio of
//! neighbours does not.
//!
//! `cargo run --release -p bench -- instructions` counts instead: the instructions of a call hardly
//! depend on the machine and its load, so a limit for them guards what a call costs.
//!
//! CPU is what the kernel's scheduler counted for every thread of these processes while the calls
//! ran, so this needs Linux; the callers and the collector are not in it.

mod case;
mod chain;
mod collector;
mod drive;
#[cfg(feature = "growth")]
mod fixture;
#[cfg(feature = "growth")]
mod growth;
mod hop;
mod instructions;
mod load;
mod peer;
mod plot;
mod process;
mod quartiles;
mod report;
#[cfg(feature = "serialization")]
mod serialization;
mod variant;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, builder::TypedValueParser};
use tokio::runtime;

use case::Case;
use drive::Traffic;
use load::Load;
use report::Report;
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
    /// Measures what a call costs as methods, hops, connections or streams grow, and what pages of metrics and
    /// the embedded store cost as they grow.
    #[cfg(feature = "growth")]
    Growth(growth::Plan),
    /// Compares JSON, Protobuf and Avro on a user of 1 KB.
    #[cfg(feature = "serialization")]
    Serialization(serialization::Plan),
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
    /// How many hops a call goes through.
    #[arg(long, default_value_t = 3, value_parser = hops())]
    hops: usize,
    /// How often each variant is measured.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of each measured run; a second of warm-up comes before it.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Writes all measurements to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes plots of the cost, the latency and the memory to this folder.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Fails when the median ratio of a variant is above this: a guard for scripts.
    #[arg(long)]
    limit: Option<f64>,
}

fn hops() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u8).range(1..=32).map(usize::from)
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let callers = || runtime::Builder::new_current_thread().enable_all().build();
    match cli.command {
        Some(Command::Hop(hop)) => runtime::Runtime::new()?.block_on(hop::run(hop)),
        Some(Command::Instructions(counts)) => callers()?.block_on(instructions::check(counts)),
        #[cfg(feature = "growth")]
        Some(Command::Growth(plan)) => callers()?.block_on(growth::run(&plan)),
        #[cfg(feature = "serialization")]
        Some(Command::Serialization(plan)) => serialization::run(&plan),
        None => callers()?.block_on(run(cli.plan)),
    }
}

async fn run(plan: Plan) -> anyhow::Result<()> {
    if plan.variants.iter().any(|variant| variant.is_go()) {
        peer::build()?;
    }
    let mut report = Report::default();
    let time = Duration::from_secs(plan.seconds);
    for load in &plan.load {
        for round in 1..=plan.rounds {
            for variant in &plan.variants {
                let case = Case {
                    variant: *variant,
                    hops: plan.hops,
                    traffic: Traffic::from(*load),
                };
                report.add(round, case.measure(time).await?);
            }
        }
        report.print(*load);
    }
    if let Some(file) = &plan.json {
        fs::write(file, report.to_json()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(folder) = &plan.svg {
        report.plot(folder)?;
    }
    report.check_spans()?;
    match plan.limit {
        Some(limit) => report.check(limit),
        None => Ok(()),
    }
}
