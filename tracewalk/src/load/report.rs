use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    time::Duration,
};

use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{client::NOT_SAMPLED, output};

/// Counts by status code, and latencies of all calls and of each kind.
#[derive(Debug)]
pub(crate) struct Report {
    pub(super) elapsed: Duration,
    pub(super) codes: BTreeMap<&'static str, u64>,
    pub(super) degraded: u64,
    pub(super) all: Latencies,
    pub(super) kinds: Vec<(&'static str, Latencies)>,
    pub(super) slowest: Option<NotableCall>,
    pub(super) first_error: Option<NotableCall>,
}

/// A call that is worth a look, with its trace.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NotableCall {
    pub(super) kind: &'static str,
    pub(super) code: &'static str,
    pub(super) latency_ms: f64,
    /// `None` where the trace was not sampled.
    pub(super) trace_url: Option<String>,
}

/// Percentiles in milliseconds, from when a call was due to the end of its answer.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latencies {
    calls: u64,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    max_ms: f64,
}

impl From<&Histogram<u64>> for Latencies {
    /// From a histogram of microseconds.
    fn from(histogram: &Histogram<u64>) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "an hour of microseconds is far below 2^52"
        )]
        let at = |percentile| histogram.value_at_percentile(percentile) as f64 / 1000.0;
        Self {
            calls: histogram.len(),
            p50_ms: at(50.0),
            p90_ms: at(90.0),
            p99_ms: at(99.0),
            p999_ms: at(99.9),
            max_ms: at(100.0),
        }
    }
}

impl Report {
    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        let kinds: BTreeMap<_, _> = self.kinds.iter().copied().collect();
        json!({
            "seconds": self.elapsed.as_secs_f64(),
            "rps": self.rate(),
            "codes": self.codes,
            "degraded": self.degraded,
            "latency": self.all,
            "kinds": kinds,
            "slowest": self.slowest,
            "first_error": self.first_error,
        })
    }

    fn rate(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of calls are far below 2^52"
        )]
        let calls = self.all.calls as f64;
        calls / self.elapsed.as_secs_f64()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64();
        let rate = self.rate();
        writeln!(
            f,
            "{} calls in {seconds:.1} s, {rate:.1} a second\n",
            self.all.calls
        )?;
        self.write_latencies(f)?;
        self.write_codes(f)?;
        for (title, notable_call) in [
            ("slowest", &self.slowest),
            ("first error", &self.first_error),
        ] {
            if let Some(notable_call) = notable_call {
                write!(f, "\n\n{} {notable_call}", output::bold(title))?;
            }
        }
        Ok(())
    }
}

impl Report {
    fn write_latencies(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let head = format!(
            "{:<8}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
            "kind", "calls", "p50", "p90", "p99", "p99.9", "max"
        );
        writeln!(f, "{}", output::bold(head))?;
        for (name, latencies) in &self.kinds {
            writeln!(f, "{name:<8}{latencies}")?;
        }
        writeln!(f, "{:<8}{}", "all", self.all)?;
        writeln!(
            f,
            "{}\n",
            output::dim("milliseconds, from when a call was due")
        )
    }

    fn write_codes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}",
            output::bold(format_args!("{:<20}{:>8}", "code", "calls"))
        )?;
        for (code, calls) in &self.codes {
            write!(f, "\n{code:<20}{calls:>8}")?;
            if *code == "OK" && self.degraded > 0 {
                write!(f, "{:>8} of them without the profile", self.degraded)?;
            }
        }
        Ok(())
    }
}

impl Display for NotableCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            code,
            latency_ms,
            trace_url,
        } = self;
        let place = trace_url.as_deref().unwrap_or(NOT_SAMPLED);
        write!(f, "{kind} {code} in {latency_ms:.2} ms\n{place}")
    }
}

impl Display for Latencies {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10}", self.calls)?;
        for value in [
            self.p50_ms,
            self.p90_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms,
        ] {
            write!(f, "{value:>10.2}")?;
        }
        Ok(())
    }
}
