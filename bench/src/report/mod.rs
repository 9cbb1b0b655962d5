//! The table that is printed, the file of all measurements, and the plots: all from the same run.

mod measurement;
mod plots;

use std::path::Path;

use serde::Serialize;
use serde_json::json;

pub(crate) use self::measurement::Measurement;
use crate::{load::Load, quartiles::Quartiles, variant::Variant};

/// The middle of all rounds of one variant with one load.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) load: Load,
    pub(super) variant: Variant,
    pub(super) cpu_us_per_call: Quartiles,
    /// To the first variant of the same round.
    pub(super) ratio: Quartiles,
    pub(super) calls_per_second: Quartiles,
    pub(super) p50_us: Quartiles,
    pub(super) p99_us: Quartiles,
    pub(super) p999_us: Quartiles,
    pub(super) resident_mib: Quartiles,
    /// Of all rounds.
    pub(super) spans: u64,
    pub(super) spans_expected: Option<u64>,
}

/// All rounds.
#[derive(Default)]
pub(crate) struct Report {
    rounds: Vec<Measurement>,
}

#[allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a table on standard output is what this program is for"
)]
impl Report {
    /// Compares a measurement with the first one of its round, and prints it.
    pub(crate) fn add(&mut self, round: u32, mut measured: Measurement) {
        let of_round = |it: &&Measurement| it.load == measured.load && it.round == round;
        if let Some(first) = self.rounds.iter().find(of_round) {
            measured.ratio = measured.cpu_us_per_call / first.cpu_us_per_call;
        }
        measured.round = round;
        println!(
            "round {round:2}, {:>7}: {:<12} {:7.1} µs CPU a call, ratio {:.2}",
            measured.load, measured.variant, measured.cpu_us_per_call, measured.ratio
        );
        self.rounds.push(measured);
    }

    /// Prints the medians of all rounds with this load.
    pub(crate) fn print(&self, load: Load) {
        println!(
            "\n{:<12} {:>8} {:>19} {:>9} {:>8} {:>8} {:>8} {:>6}  spans, and expected",
            load, "µs CPU", "ratio (quartiles)", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "MiB"
        );
        for row in self.table().into_iter().filter(|row| row.load == load) {
            let Quartiles { low, median, high } = row.ratio;
            let expected = row.spans_expected;
            println!(
                "{:<12} {:8.1}   {median:.2} ({low:.2}, {high:.2}) {:9.0} {:8.2} {:8.2} {:8.2} {:6.1}  {}, {}",
                row.variant,
                row.cpu_us_per_call.median,
                row.calls_per_second.median,
                row.p50_us.median / 1e3,
                row.p99_us.median / 1e3,
                row.p999_us.median / 1e3,
                row.resident_mib.median,
                row.spans,
                expected.map_or("any".to_owned(), |expected| expected.to_string()),
            );
        }
        println!();
    }

    /// The table, and all measurements.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        let all = json!({"table": self.table(), "rounds": self.rounds});
        serde_json::to_string_pretty(&all)
    }

    /// Writes three plots for each load to a folder.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub(crate) fn plot(&self, folder: &Path) -> anyhow::Result<()> {
        plots::write(folder, &self.table())
    }

    /// Fails where spans are missing, or too many: such a row is worth nothing.
    pub(crate) fn check_spans(&self) -> anyhow::Result<()> {
        for row in self.table() {
            let (seen, expected) = (row.spans, row.spans_expected);
            anyhow::ensure!(
                expected.is_none_or(|expected| expected == seen),
                "{} at {}: {seen} spans arrived, expected {expected:?}",
                row.variant,
                row.load
            );
        }
        Ok(())
    }

    /// Fails when the median ratio of a row is above `limit`.
    pub(crate) fn check(&self, limit: f64) -> anyhow::Result<()> {
        for row in self.table() {
            let median = row.ratio.median;
            anyhow::ensure!(
                median <= limit,
                "{} at {} costs {median:.2} times the CPU of the first variant, the limit is {limit}",
                row.variant,
                row.load
            );
        }
        Ok(())
    }

    /// The rows of the table, in the order of their first measurements.
    fn table(&self) -> Vec<Row> {
        let mut keys = Vec::new();
        for key in self.rounds.iter().map(|it| (it.load, it.variant)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().map(|key| self.row(key)).collect()
    }

    fn row(&self, (load, variant): (Load, Variant)) -> Row {
        let of_row = |it: &&Measurement| it.load == load && it.variant == variant;
        let rounds = || self.rounds.iter().filter(of_row);
        let all = |value: fn(&Measurement) -> f64| Quartiles::of(rounds().map(value));
        Row {
            load,
            variant,
            cpu_us_per_call: all(|it| it.cpu_us_per_call),
            ratio: all(|it| it.ratio),
            calls_per_second: all(|it| it.calls_per_second),
            p50_us: all(|it| it.p50_us as f64),
            p99_us: all(|it| it.p99_us as f64),
            p999_us: all(|it| it.p999_us as f64),
            resident_mib: all(|it| it.resident_kib as f64 / 1024.0),
            spans: rounds().map(|it| it.spans).sum(),
            spans_expected: rounds().map(|it| it.spans_expected).sum(),
        }
    }
}
