//! The newest sample of each series.

use super::Evaluation;
use crate::metrics::{
    promql::{ast::Selector, error::EvalError, value::Row},
    tsdb::{Sample, SeriesSamples},
};

/// How old the newest sample may be: Prometheus' default `--query.lookback-delta`.
const LOOKBACK_MS: i64 = 5 * 60_000;

impl Evaluation<'_> {
    /// What is newest at each step, unless it is too old or the series has ended.
    pub(super) fn newest(
        &self,
        selector: &Selector,
        take: impl Fn(Sample) -> f64,
    ) -> Result<Vec<Row>, EvalError> {
        let (first, last) = self.moved_ends(selector.shift);
        let from = first.saturating_sub(LOOKBACK_MS - 1);
        let source = self.source;
        let found = source.select(&selector.matchers, from, last, self.budget)?;
        let mut rows = Vec::with_capacity(found.len());
        for SeriesSamples { labels, samples } in found {
            self.budget.spend(self.timeline.steps)?;
            let newest = |step| {
                let moment = self.moved(step, selector.shift);
                let later = samples.partition_point(|sample| sample.at <= moment);
                let sample = samples[..later].last()?;
                let is_there = sample.at > moment - LOOKBACK_MS && !sample.is_stale();
                is_there.then(|| take(*sample))
            };
            let values = self.timeline.moments().map(newest).collect();
            rows.push(Row::new(labels, values));
        }
        rows.retain(|row| !row.is_empty());
        Ok(rows)
    }
}
