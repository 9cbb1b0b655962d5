//! The table that is printed, and the median that counts.

use std::time::Duration;

/// One run of one variant.
pub(crate) struct Measurement {
    /// Calls answered.
    pub(crate) calls: u64,
    /// CPU time of the three services meanwhile.
    pub(crate) cpu: Duration,
    /// Spans that reached the collector, those of the warm-up included.
    pub(crate) spans: u64,
}

impl Measurement {
    #[allow(
        clippy::cast_precision_loss,
        reason = "a count of calls is far below 2^52"
    )]
    fn microseconds_per_call(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.calls as f64
    }
}

/// Collects the ratios of all rounds.
#[derive(Default)]
pub(crate) struct Report {
    ratios: Vec<f64>,
}

#[allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
impl Report {
    /// Prints one round.
    pub(crate) fn add(&mut self, round: u32, bare: &Measurement, full: &Measurement) {
        let (bare_us, full_us) = (bare.microseconds_per_call(), full.microseconds_per_call());
        let ratio = full_us / bare_us;
        self.ratios.push(ratio);
        println!(
            "round {round:2}: bare {bare_us:6.1} µs a call ({} calls), full {full_us:6.1} µs \
             ({} calls, {} spans), ratio {ratio:.2}",
            bare.calls, full.calls, full.spans
        );
    }

    /// Prints and returns the median ratio.
    pub(crate) fn finish(mut self) -> f64 {
        self.ratios.sort_by(f64::total_cmp);
        let median = self.ratios[self.ratios.len() / 2];
        let (least, most) = (self.ratios[0], self.ratios[self.ratios.len() - 1]);
        println!("median ratio {median:.2} ({least:.2} to {most:.2})");
        median
    }
}
