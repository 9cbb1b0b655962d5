use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tonic::Code;

use super::{
    Outcome,
    mix::Kind,
    report::{Latencies, NotableCall, Report},
};
use crate::client::{Target, code_name};

/// What has been seen so far.
#[derive(Debug)]
pub(crate) struct Tally {
    started: Instant,
    codes: BTreeMap<&'static str, u64>,
    /// Microseconds, in the order of [`Kind::ALL`].
    kinds: [Histogram<u64>; 5],
    calls: u64,
    degraded: u64,
    slowest: Option<Outcome>,
    first_error: Option<Outcome>,
}

impl Tally {
    /// Starts to measure time now.
    pub(crate) fn new() -> Self {
        // Three significant digits from a microsecond to an hour.
        let histogram = || Histogram::new_with_bounds(1, 3_600_000_000, 3);
        let kinds = std::array::from_fn(|_| histogram().expect("the bounds are in order"));
        Self {
            started: Instant::now(),
            codes: BTreeMap::new(),
            kinds,
            calls: 0,
            degraded: 0,
            slowest: None,
            first_error: None,
        }
    }

    /// Counts one call.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.calls += 1;
        self.degraded += u64::from(outcome.seen.degraded);
        *self.codes.entry(code_name(outcome.code)).or_default() += 1;
        let micros = u64::try_from(outcome.latency.as_micros()).unwrap_or(u64::MAX);
        if let Some(place) = Kind::ALL.iter().position(|kind| *kind == outcome.kind) {
            self.kinds[place].saturating_record(micros);
        }
        if outcome.code != Code::Ok && self.first_error.is_none() {
            self.first_error = Some(outcome.clone());
        }
        // A watch is slow by design, so it never counts as the slowest call.
        let slowest = self
            .slowest
            .as_ref()
            .map_or(Duration::ZERO, |slowest| slowest.latency);
        if outcome.kind != Kind::Watch && outcome.latency > slowest {
            self.slowest = Some(outcome);
        }
    }

    /// For the progress bar.
    pub(crate) fn headline(&self) -> String {
        format!("{} errors", self.calls - self.ok())
    }

    /// Whether any call was answered with `OK`.
    pub(crate) fn succeeded(&self) -> bool {
        self.ok() > 0
    }

    fn ok(&self) -> u64 {
        let ok = self.codes.get(code_name(Code::Ok));
        ok.copied().unwrap_or_default()
    }

    /// The result, with links to traces in the UI of `target`.
    pub(crate) fn report(self, target: &Target) -> Report {
        let mut all = self.kinds[0].clone();
        for histogram in &self.kinds[1..] {
            all.add(histogram)
                .expect("all histograms have the same bounds");
        }
        let kinds = Kind::ALL.into_iter().zip(&self.kinds);
        Report {
            elapsed: self.started.elapsed(),
            codes: self.codes,
            degraded: self.degraded,
            all: Latencies::from(&all),
            kinds: kinds
                .filter(|(_, histogram)| !histogram.is_empty())
                .map(|(kind, histogram)| (kind.name(), Latencies::from(histogram)))
                .collect(),
            slowest: self
                .slowest
                .and_then(|outcome| notable_call(outcome, target)),
            first_error: self
                .first_error
                .and_then(|outcome| notable_call(outcome, target)),
        }
    }
}

/// `None` when the trace is not known.
fn notable_call(outcome: Outcome, target: &Target) -> Option<NotableCall> {
    let id = outcome.seen.trace_id?;
    Some(NotableCall {
        kind: outcome.kind.name(),
        code: code_name(outcome.code),
        latency_ms: outcome.latency.as_secs_f64() * 1000.0,
        trace_url: outcome.seen.is_sampled.then(|| target.trace_url(&id)),
    })
}
