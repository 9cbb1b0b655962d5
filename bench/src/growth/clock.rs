//! Measuring within this process.

use std::{process, time::Duration};

use crate::{process as kernel, quartiles::Quartiles};

/// The CPU time of all threads of this process, in microseconds for each of `count` pieces of `work`.
///
/// # Errors
///
/// Those of `work`, and when the kernel counts no such time.
pub(super) async fn cpu_us_each(
    count: u32,
    work: impl AsyncFnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let cpu = || kernel::cpu(process::id());
    let before = cpu()?;
    work().await?;
    let spent: Duration = cpu()?.saturating_sub(before);
    Ok(spent.as_secs_f64() * 1e6 / f64::from(count))
}

/// Measures some cases in turn, round after round: what the machine does besides meets all of them.
///
/// # Errors
///
/// Those of `measure`.
pub(super) async fn in_turn<T>(
    rounds: u32,
    cases: &[T],
    mut measure: impl AsyncFnMut(&T) -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<Quartiles>> {
    let mut measured = vec![Vec::new(); cases.len()];
    for _ in 0..rounds {
        for (case, values) in cases.iter().zip(&mut measured) {
            values.push(measure(case).await?);
        }
    }
    Ok(measured.into_iter().map(Quartiles::of).collect())
}
