//! What telemetry costs: CPU per call of the chain with all of it, over the chain with none.
//!
//! ```console
//! $ RUSTFLAGS="--cfg bare" cargo build --release --target-dir target/bare
//! $ cargo build --release && cargo run --release -p bench
//! ```
//!
//! The chain with none is a build of its own: its stacks have no layer that traces, measures or
//! injects. That with all exports the spans of every call, and has all histograms and counters.
//! Both write the access log, a line of JSON for each call and service; `--log warn` stops that.
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
    /// The same built without telemetry; default: the one of `target/bare`.
    #[arg(long)]
    bare_binary: Option<PathBuf>,
    /// What both chains log, as `RUST_LOG` says it.
    #[arg(long, default_value = "info")]
    log: String,
    /// Fails when the median ratio is above this: a guard for scripts.
    #[arg(long)]
    limit: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let full = binary(cli.binary.clone(), "tracewalk")?;
    let bare = binary(cli.bare_binary.clone(), "../bare/release/tracewalk")?;
    let mut report = Report::default();
    for round in 1..=cli.rounds {
        let bare = measure(&cli, &bare, Variant::Bare).await?;
        let full = measure(&cli, &full, Variant::Full).await?;
        anyhow::ensure!(bare.spans == 0, "the bare chain made {} spans", bare.spans);
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

/// The binary that was asked for, or the one at this path from the folder of this program.
fn binary(asked: Option<PathBuf>, path: &str) -> anyhow::Result<PathBuf> {
    let binary = match asked {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name(path),
    };
    anyhow::ensure!(
        binary.is_file(),
        "no binary at {}: `bench/src/main.rs` says how to build both",
        binary.display()
    );
    Ok(binary)
}

async fn measure(
    cli: &Cli,
    binary: &std::path::Path,
    variant: Variant,
) -> anyhow::Result<Measurement> {
    let collector = collector::Collector::start().await?;
    let chain = Chain::start(binary, variant, &cli.log, collector.endpoint())
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
