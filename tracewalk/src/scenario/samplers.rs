//! What a sampler keeps of the calls: `head 10% keeps 0..8`, `tail 250ms 5% keeps 20`.
//!
//! The store keeps each trace, so what a sampler would keep is reckoned for the same calls: by the trace id, as the
//! sampler of the SDK does, or by the latency.

use std::{ops::RangeInclusive, time::Duration};

use opentelemetry::{TraceId, trace::SpanKind};
use opentelemetry_sdk::trace::{Sampler as SdkSampler, SamplingDecision, ShouldSample as _};

use super::{calls::Made, judge::Verdict};
use crate::trace::duration;

const KEPT: &str = "`all`, `head SHARE%` or `tail TIME SHARE%`, and `keeps CALLS` or `keeps LEAST..MOST`, as `tail 250ms 5% keeps 20`";

/// One line: a sampler, and how many of the calls with a fault it keeps.
#[derive(Debug, PartialEq)]
pub(super) struct Kept {
    text: String,
    sampler: Sampler,
    keeps: RangeInclusive<usize>,
}

/// Which traces are kept.
#[derive(Debug, PartialEq)]
enum Sampler {
    All,
    /// A share of them, whatever becomes of the call.
    Head(f64),
    /// All that take so long, and a share of the others.
    Tail(Duration, f64),
}

impl Kept {
    /// Reads a line.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let line = line.trim();
        Self::parse(line).ok_or_else(|| format!("`{line}` is no sampler: expected {KEPT}"))
    }

    fn parse(line: &str) -> Option<Self> {
        let (sampler, keeps) = line.split_once(" keeps ")?;
        let sampler: Vec<_> = sampler.split_whitespace().collect();
        let (least, most) = keeps.split_once("..").unwrap_or((keeps, keeps));
        Some(Self {
            text: line.to_owned(),
            sampler: match sampler[..] {
                ["all"] => Sampler::All,
                ["head", part] => Sampler::Head(share(part)?),
                ["tail", slow, part] => {
                    Sampler::Tail(humantime::parse_duration(slow).ok()?, share(part)?)
                }
                _ => return None,
            },
            keeps: least.trim().parse().ok()?..=most.trim().parse().ok()?,
        })
    }

    /// Counts what is kept of the calls with a fault, and of those without; its latencies are in what was seen.
    pub(super) fn judge(&self, with_fault: &[Made], without: &[Made]) -> Verdict {
        let keeps = |call: &&Made| self.sampler.keeps(call);
        let slow = with_fault.iter().filter(keeps).count();
        let all = with_fault.iter().chain(without).filter(keeps);
        let mut latencies: Vec<_> = all.map(|call| call.latency).collect();
        latencies.sort_unstable();
        let quantiles = [("p50", 50), ("p90", 90), ("p99", 99)]
            .into_iter()
            .filter_map(|(name, percent)| {
                let micros = quantile(&latencies, percent)?.as_micros();
                let micros = u64::try_from(micros).unwrap_or(u64::MAX);
                Some(format!(", {name} {}", duration(micros)))
            });
        let quantiles: String = quantiles.collect();
        let seen = format!("{slow}, in {} traces{quantiles}", latencies.len());
        Verdict::new(&self.text, self.keeps.contains(&slow), seen)
    }
}

impl Sampler {
    fn keeps(&self, call: &Made) -> bool {
        match *self {
            Self::All => true,
            Self::Head(part) => by_trace_id(part, &call.trace_id),
            Self::Tail(slow, part) => call.latency >= slow || by_trace_id(part, &call.trace_id),
        }
    }
}

/// Whether `OTEL_TRACES_SAMPLER=traceidratio` samples this trace.
fn by_trace_id(share: f64, id: &str) -> bool {
    let Ok(id) = TraceId::from_hex(id) else {
        return false;
    };
    let sampler = SdkSampler::TraceIdRatioBased(share);
    let result = sampler.should_sample(None, id, "", &SpanKind::Server, &[], &[]);
    result.decision == SamplingDecision::RecordAndSample
}

/// The least latency that so many percent of all do not exceed.
fn quantile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::{Kept, Made};

    /// A call whose trace is kept where so many percent are.
    fn call(millis: u64, percent: f64) -> Made {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of 63 bits"
        )]
        let random = (percent / 100.0 * 2.0_f64.powi(63)) as u64;
        Made {
            latency: Duration::from_millis(millis),
            trace_id: format!("{:016x}{:016x}", 1, random << 1),
        }
    }

    #[rstest]
    #[case("all keeps 2", (true, "2, in 6 traces, p50 2.00 ms, p90 300 ms, p99 300 ms"))]
    #[case("head 10% keeps 0..2", (true, "1, in 3 traces, p50 1.00 ms, p90 300 ms, p99 300 ms"))]
    #[case("head 1% keeps 1", (false, "0, in 0 traces"))]
    #[case("tail 250ms 5% keeps 2", (true, "2, in 3 traces, p50 300 ms, p90 300 ms, p99 300 ms"))]
    fn a_sampler_keeps_calls_by_their_trace_id_or_by_their_latency(
        #[case] line: &str,
        #[case] (met, seen): (bool, &str),
    ) {
        let slow = [call(300, 9.0), call(300, 50.0)];
        let others = [call(1, 4.0), call(1, 8.0), call(2, 11.0), call(3, 99.0)];
        let verdict = Kept::read(line).unwrap().judge(&slow, &others);
        assert_eq!((verdict.met, verdict.seen.as_str()), (met, seen));
    }

    #[rstest]
    #[case("head keeps 1")]
    #[case("head 10 keeps 1")]
    #[case("head 101% keeps 1")]
    #[case("tail 5% keeps 1")]
    #[case("tail 250ms 5%")]
    #[case("all keeps many")]
    fn what_is_no_sampler_is_refused_with_what_is(#[case] line: &str) {
        let error = Kept::read(line).unwrap_err();
        assert!(error.contains("expected `all`, `head SHARE%`"), "{error}");
    }
}
