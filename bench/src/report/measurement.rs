//! What was measured in one round.

use std::time::Duration;

use serde::Serialize;

use crate::{drive::Answers, load::Load, variant::Variant};

/// One run of one variant.
#[derive(Serialize)]
pub(crate) struct Measurement {
    pub(super) load: Load,
    pub(super) variant: Variant,
    pub(super) round: u32,
    calls: u64,
    pub(super) calls_per_second: f64,
    pub(crate) cpu_us_per_call: f64,
    /// The ratio to the first variant of the round.
    pub(super) ratio: f64,
    pub(super) p50_us: u64,
    pub(super) p99_us: u64,
    pub(super) p999_us: u64,
    /// Of the three hops, at the end of the run.
    pub(super) resident_kib: u64,
    /// Spans that reached the collector, with those of the warm-up.
    pub(super) spans: u64,
    /// `None` where sampling makes it random.
    pub(super) spans_expected: Option<u64>,
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

    /// Fails unless all spans arrived: a figure without them would be too low.
    #[cfg(feature = "growth")]
    pub(crate) fn check_spans(&self) -> anyhow::Result<()> {
        let Self { spans, variant, .. } = self;
        let expected = self.spans_expected.unwrap_or(*spans);
        anyhow::ensure!(
            *spans == expected,
            "{variant}: {spans} of {expected} spans arrived"
        );
        Ok(())
    }
}
