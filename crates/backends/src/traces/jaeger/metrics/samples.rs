//! The spans from which the points are computed.

use std::{collections::BTreeMap, sync::Arc};

use super::request::{Metric, Request};
use crate::{
    intern::Text,
    traces::{model::Span, store::Trace},
};

/// The spans that a request is about, by service and perhaps operation.
#[derive(Debug)]
pub(crate) struct Samples {
    /// The operation is `None` unless the request asks for it. Sorted by end.
    pub(crate) groups: BTreeMap<(Text, Option<Text>), Vec<Sample>>,
    /// When the oldest span of the store started, in milliseconds since 1970. Nothing is known of
    /// the time before.
    known_since: u64,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Milliseconds since 1970.
    end: u64,
    millis: f64,
    failed: bool,
}

impl Samples {
    pub(crate) fn collect(traces: &[Arc<Trace>], request: &Request) -> Self {
        let mut groups: BTreeMap<_, Vec<Sample>> = BTreeMap::new();
        let spans = traces.iter().flat_map(|trace| trace.spans());
        for span in spans.filter(|span| is_wanted(span, request)) {
            let operation = request.by_operation.then(|| span.name.clone());
            let group = groups.entry((span.service().clone(), operation));
            group.or_default().push(Sample {
                end: span.end / 1_000_000,
                millis: span.duration().as_secs_f64() * 1e3,
                failed: span.is_error(),
            });
        }
        for samples in groups.values_mut() {
            samples.sort_by_key(|sample| sample.end);
        }
        let oldest = traces.iter().map(|trace| trace.start()).min();
        Self {
            groups,
            known_since: oldest.unwrap_or(u64::MAX) / 1_000_000,
        }
    }

    /// The value of the metric at `time`; `None` where nothing was measured.
    pub(crate) fn value(&self, request: &Request, samples: &[Sample], time: u64) -> Option<f64> {
        if time < self.known_since {
            return None;
        }
        let since = time.saturating_sub(request.window);
        let first = samples.partition_point(|sample| sample.end <= since);
        let last = samples.partition_point(|sample| sample.end <= time);
        let samples = &samples[first..last];
        match request.metric {
            Metric::Latencies => quantile(samples, request.quantile),
            // A store that was started a minute ago has the spans of one minute of a window of ten.
            Metric::Calls => {
                let known = (time - since.max(self.known_since)).max(1_000);
                Some(count(samples.len()) * 1e3 / count(known))
            }
            Metric::Errors => {
                let failed = samples.iter().filter(|sample| sample.failed).count();
                (!samples.is_empty()).then(|| count(failed) / count(samples.len()))
            }
        }
    }
}

fn is_wanted(span: &Span, request: &Request) -> bool {
    request
        .services
        .iter()
        .any(|service| **service == **span.service())
        && request.counts(span.kind)
}

/// The smallest latency that at least this share of the calls stayed within.
fn quantile(samples: &[Sample], quantile: f64) -> Option<f64> {
    let last = samples.len().checked_sub(1)?;
    let mut millis: Vec<f64> = samples.iter().map(|sample| sample.millis).collect();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quantile is 0 to 1, so the rank is 0 to the number of samples"
    )]
    let rank = (count(millis.len()) * quantile).ceil() as usize;
    let place = rank.saturating_sub(1).min(last);
    let (_, value, _) = millis.select_nth_unstable_by(place, f64::total_cmp);
    Some(*value)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a store holds far fewer than 2⁵² spans, and a window is far shorter"
)]
fn count(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or(u64::MAX) as f64
}
