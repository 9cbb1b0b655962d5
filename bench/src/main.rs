//! What telemetry costs: CPU per call of the chain with all of it, over the chain with none.
//!
//! ```console
//! $ cargo build --release && cargo run --release -p bench
//! ```
//!
//! Each round runs both variants one after the other, as three real processes with `memory:` data,
//! and compares them within the round: a machine's speed drifts, a ratio of neighbours does not.
//! CPU is what the kernel scheduler counted for every thread of the three services while the calls
//! ran (`/proc/PID/task/*/schedstat`, so Linux only); the client and the collector are not in it.

mod chain;
mod collector;
mod cpu;
mod drive;
mod report;

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Parser;

use chain::{Chain, Variant};
use report::{Measurement, Report};

/// Measures what telemetry costs: CPU per call, in pairs of runs.
#[derive(Debug, Parser)]
struct Cli {
    /// How many pairs of runs.
    #[arg(long, default_value_t = 9)]
    rounds: u32,
    /// Calls in flight at any time.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Seconds of each measured run; a second of warm-up comes before it.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The `tracewalk` binary; default: the one built beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Fails when the median ratio is above this: a guard for scripts.
    #[arg(long)]
    limit: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let binary = match &cli.binary {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("tracewalk"),
    };
    anyhow::ensure!(
        binary.is_file(),
        "no binary at {}: run `cargo build --release` first",
        binary.display()
    );
    let mut report = Report::default();
    for round in 1..=cli.rounds {
        let bare = measure(&cli, &binary, Variant::Bare).await?;
        let full = measure(&cli, &binary, Variant::Full).await?;
        report.add(round, &bare, &full);
    }
    let median = report.finish();
    if let Some(limit) = cli.limit {
        anyhow::ensure!(
            median <= limit,
            "telemetry costs {median:.2} times the CPU of the bare chain, the limit is {limit}"
        );
    }
    Ok(())
}

async fn measure(
    cli: &Cli,
    binary: &std::path::Path,
    variant: Variant,
) -> anyhow::Result<Measurement> {
    let collector = collector::Collector::start().await?;
    let chain = Chain::start(binary, variant, collector.endpoint())
        .await
        .context("cannot start the chain")?;
    drive::run(chain.gateway(), cli.in_flight, Duration::from_secs(1)).await?;
    let before = chain.cpu()?;
    let calls = drive::run(
        chain.gateway(),
        cli.in_flight,
        Duration::from_secs(cli.seconds),
    )
    .await?;
    let cpu = chain.cpu()?.saturating_sub(before);
    chain.stop().await?;
    Ok(Measurement {
        calls,
        cpu,
        spans: collector.spans(),
    })
}
