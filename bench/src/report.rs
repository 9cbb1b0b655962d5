//! The table that is printed, and the file of all measurements.

use std::time::Duration;

use serde::Serialize;

use crate::{drive::Answers, load::Load, variant::Variant};

/// One run of one variant.
#[derive(Serialize)]
pub(crate) struct Measurement {
    load: Load,
    variant: Variant,
    round: u32,
    calls: u64,
    calls_per_second: f64,
    cpu_us_per_call: f64,
    /// The ratio to the first variant of the round.
    ratio: f64,
    p50_us: u64,
    p99_us: u64,
    p999_us: u64,
    /// Of the three hops, at the end of the run.
    resident_kib: u64,
    /// Spans that reached the collector, with those of the warm-up.
    spans: u64,
    /// `None` where sampling makes it random.
    spans_expected: Option<u64>,
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of calls are far below 2^52"
)]
impl Measurement {
    pub(crate) fn new(
        variant: Variant,
        load: Load,
        answers: &Answers,
        cpu: Duration,
        resident_kib: u64,
        (spans, spans_expected): (u64, Option<u64>),
    ) -> Self {
        let calls = answers.calls();
        Self {
            load,
            variant,
            round: 0,
            calls,
            calls_per_second: calls as f64 / answers.time().as_secs_f64(),
            cpu_us_per_call: cpu.as_secs_f64() * 1e6 / calls as f64,
            ratio: 1.0,
            p50_us: answers.quantile(0.5),
            p99_us: answers.quantile(0.99),
            p999_us: answers.quantile(0.999),
            resident_kib,
            spans,
            spans_expected,
        }
    }
}

/// All rounds.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Measurement>,
}

/// Which measurements a row of the table is of.
type Row = (Load, Variant);

#[allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a table on standard output is what this program is for"
)]
impl Report {
    /// Compares a measurement with the first one of its round, and prints it.
    pub(crate) fn add(&mut self, round: u32, mut measured: Measurement) {
        let of_round = |it: &&Measurement| it.load == measured.load && it.round == round;
        if let Some(first) = self.rows.iter().find(of_round) {
            measured.ratio = measured.cpu_us_per_call / first.cpu_us_per_call;
        }
        measured.round = round;
        println!(
            "round {round:2}, {:>7}: {:<10} {:7.1} µs CPU a call, ratio {:.2}",
            measured.load, measured.variant, measured.cpu_us_per_call, measured.ratio
        );
        self.rows.push(measured);
    }

    /// Prints the medians of all rounds with this load.
    pub(crate) fn print(&self, load: Load) {
        println!(
            "\n{:<10} {:>8} {:>19} {:>9} {:>8} {:>8} {:>8} {:>6}  spans, and expected",
            load, "µs CPU", "ratio (quartiles)", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "MiB"
        );
        for row in self.table().into_iter().filter(|row| row.0 == load) {
            let median = |value| self.quartile(row, 2, value);
            let [low, middle, high] = [1, 2, 3].map(|it| self.quartile(row, it, |it| it.ratio));
            let spans: u64 = self.of(row).map(|it| it.spans).sum();
            let expected: Option<u64> = self.of(row).map(|it| it.spans_expected).sum();
            println!(
                "{:<10} {:8.1}   {middle:.2} ({low:.2}, {high:.2}) {:9.0} {:8.2} {:8.2} {:8.2} {:6.1}  {spans}, {}",
                row.1,
                median(|it| it.cpu_us_per_call),
                median(|it| it.calls_per_second),
                median(|it| it.p50_us as f64 / 1e3),
                median(|it| it.p99_us as f64 / 1e3),
                median(|it| it.p999_us as f64 / 1e3),
                median(|it| it.resident_kib as f64 / 1024.0),
                expected.map_or("any".to_owned(), |expected| expected.to_string()),
            );
        }
        println!();
    }

    /// All measurements.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.rows)
    }

    /// Fails when the median ratio of a row is above `limit`.
    pub(crate) fn check(&self, limit: f64) -> anyhow::Result<()> {
        for row in self.table() {
            let median = self.quartile(row, 2, |it| it.ratio);
            let (load, variant) = row;
            anyhow::ensure!(
                median <= limit,
                "{variant} at {load} costs {median:.2} times the CPU of the first variant, the limit is {limit}"
            );
        }
        Ok(())
    }

    /// The rows of the table, in the order of their first measurements.
    fn table(&self) -> Vec<Row> {
        let mut table = Vec::new();
        for row in self.rows.iter().map(|it| (it.load, it.variant)) {
            if !table.contains(&row) {
                table.push(row);
            }
        }
        table
    }

    fn of(&self, (load, variant): Row) -> impl Iterator<Item = &Measurement> {
        let of_row = move |it: &&Measurement| it.load == load && it.variant == variant;
        self.rows.iter().filter(of_row)
    }

    /// The value that so many quarters of the measurements do not exceed.
    fn quartile(&self, row: Row, quarters: usize, value: fn(&Measurement) -> f64) -> f64 {
        let mut values: Vec<_> = self.of(row).map(value).collect();
        values.sort_by(f64::total_cmp);
        values[(values.len() - 1) * quarters / 4]
    }
}
