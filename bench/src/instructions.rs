//! What a call costs in instructions, counted by valgrind: nearly the same on each machine, and beside any
//! load.
//!
//! Only the programs are counted, not the kernel, so the ratios are higher than those of CPU time.

use anyhow::Context as _;
use clap::Args;

use crate::{
    chain::{Chain, Run},
    collector::Collector,
    drive,
    variant::Variant,
};

/// The most instructions of a call, as a ratio to [`Variant::Plain`]: what was last measured. Lower a
/// limit when a change makes a variant cheaper.
const LIMITS: [(Variant, f64); 5] = [
    (Variant::Transport, 1.35),
    (Variant::Metrics, 1.50),
    (Variant::Unsampled, 1.60),
    (Variant::Sampled, 1.74),
    (Variant::Full, 1.91),
];

/// The limits are for a chain of so many.
const HOPS: usize = 3;

/// By how much a count may exceed its limit: two runs of one program differ by up to 2 % beside other load.
const TOLERANCE: f64 = 1.03;

/// What is counted.
#[derive(Args, Debug)]
pub(crate) struct Counts {
    /// What is compared with tonic alone.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "transport,metrics,unsampled,sampled,full"
    )]
    variants: Vec<Variant>,
    /// Calls of the longer run; what the shorter one takes, a fifth of the calls, is the start.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..))]
    calls: u32,
    /// Calls in flight at any time: so few that the slow processes answer before a client probes their
    /// health, which would count too.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: u32,
}

/// Counts all variants, and compares them with the limits.
///
/// # Errors
///
/// When a variant takes more than its limit allows, or valgrind cannot run.
#[allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
pub(crate) async fn check(counts: Counts) -> anyhow::Result<()> {
    let plain = count(Variant::Plain, &counts).await?;
    println!(
        "{:<10} {:8.1} thousand instructions a call",
        Variant::Plain,
        plain / 1e3
    );
    let mut exceeded = Vec::new();
    for variant in &counts.variants {
        let ratio = count(*variant, &counts).await? / plain;
        let limit = LIMITS.iter().find(|it| it.0 == *variant);
        let limit = limit.map_or(f64::INFINITY, |it| it.1);
        println!("{variant:<10} {ratio:8.3} times as many, the limit is {limit:.3}");
        if ratio > limit * TOLERANCE {
            exceeded.push(variant.to_string());
        }
    }
    anyhow::ensure!(
        exceeded.is_empty(),
        "more instructions a call than bench/src/instructions.rs allows: {}",
        exceeded.join(", ")
    );
    Ok(())
}

/// The instructions of a call: those of a longer run without those of a shorter one, so that what a
/// process does once is not in it.
async fn count(variant: Variant, counts: &Counts) -> anyhow::Result<f64> {
    let (calls, few) = (counts.calls, counts.calls / 5);
    let of_few = total(variant, few, counts.in_flight).await?;
    let of_all = total(variant, calls, counts.in_flight).await?;
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let further = of_all.saturating_sub(of_few) as f64;
    Ok(further / f64::from(calls - few))
}

async fn total(variant: Variant, calls: u32, in_flight: u32) -> anyhow::Result<u64> {
    let collector = Collector::start().await?;
    let chain = Chain::start(variant, HOPS, Run::Counted, collector.endpoint()).await;
    let chain = chain.context("cannot run under valgrind: is it installed?")?;
    drive::calls(chain.first(), in_flight, calls).await?;
    chain.instructions().await
}
