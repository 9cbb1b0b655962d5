//! The samples that a step sees: the newest of each series, those of a time (`[5m]`), or those of
//! another expression (`[5m:30s]`).

use super::{Evaluation, Timeline};
use crate::metrics::{
    promql::{
        ast::{Expr, Selector, Shift, Subquery},
        error::EvalError,
        math::Window,
        value::{Row, merge},
    },
    tsdb::{Sample, SeriesSamples},
};

/// How old the newest sample may be: Prometheus' default `--query.lookback-delta`.
const LOOKBACK_MS: i64 = 5 * 60_000;

/// The step of a subquery that names none: the interval of the rules in `prometheus.yml`.
const DEFAULT_STEP_MS: i64 = 5000;

/// Series, and how far each step looks back in them.
#[derive(Debug)]
pub(super) struct Windows {
    series: Vec<SeriesSamples>,
    range: i64,
    shift: Shift,
}

impl Windows {
    pub(super) fn into_samples(self) -> Vec<SeriesSamples> {
        self.series
    }
}

impl Evaluation<'_> {
    /// The newest sample at each step, unless it is too old or the series has ended.
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

    /// The samples of an expression with a range.
    pub(super) fn windows(&self, expr: &Expr) -> Result<Windows, EvalError> {
        let (mut series, range, shift) = match expr {
            Expr::Range(selector, range) => {
                let (first, last) = self.moved_ends(selector.shift);
                let from = first.saturating_sub(range - 1);
                let source = self.source;
                let found = source.select(&selector.matchers, from, last, self.budget)?;
                (found, *range, selector.shift)
            }
            Expr::Subquery(subquery) => (self.subquery(subquery)?, subquery.range, subquery.shift),
            _ => return Err(EvalError::new("expected a range vector")),
        };
        for SeriesSamples { samples, .. } in &mut series {
            samples.retain(|sample| !sample.is_stale());
        }
        series.retain(|series| !series.samples.is_empty());
        Ok(Windows {
            series,
            range,
            shift,
        })
    }

    fn subquery(&self, subquery: &Subquery) -> Result<Vec<SeriesSamples>, EvalError> {
        let (first, last) = self.moved_ends(subquery.shift);
        let step = subquery.step.unwrap_or(DEFAULT_STEP_MS);
        let start = first.saturating_sub(subquery.range);
        // The first multiple of the step inside the range, so that ranges that overlap share steps.
        let first = (start.div_euclid(step) + 1) * step;
        if first > last {
            return Ok(Vec::new());
        }
        let timeline = Timeline::between(first, last, step);
        self.budget.spend(timeline.steps)?;
        let inner = Evaluation { timeline, ..*self };
        let rows = inner.value(&subquery.expr)?.into_rows();
        let rows = rows.ok_or_else(|| EvalError::new("expected an instant vector"))?;
        self.budget.spend(rows.len() * timeline.steps)?;
        let series = rows.into_iter().map(|row| {
            let values = timeline.moments().zip(row.values);
            let samples = values.filter_map(|(at, value)| Some(Sample { at, value: value? }));
            SeriesSamples {
                labels: row.labels,
                samples: samples.collect(),
            }
        });
        Ok(series.collect())
    }

    /// Computes a value of each window that has samples. The rows lose the metric's name: a rate of
    /// a metric is not a value of that metric.
    pub(super) fn over(
        &self,
        windows: &Windows,
        compute: impl Fn(usize, Window) -> Option<f64>,
    ) -> Result<Vec<Row>, EvalError> {
        let rows = self.over_keeping_name(windows, compute)?;
        let unnamed = rows.into_iter();
        merge(
            unnamed
                .map(|row| Row::new(row.labels.without_name(), row.values))
                .collect(),
        )
    }

    pub(super) fn over_keeping_name(
        &self,
        windows: &Windows,
        compute: impl Fn(usize, Window) -> Option<f64>,
    ) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::with_capacity(windows.series.len());
        for SeriesSamples { labels, samples } in &windows.series {
            self.budget.spend(self.timeline.steps)?;
            let mut values = Vec::with_capacity(self.timeline.steps);
            for (index, step) in self.timeline.moments().enumerate() {
                let end = self.moved(step, windows.shift);
                let window = Window::new(samples, end - windows.range, end);
                self.budget.work(window.samples.len())?;
                let is_empty = window.samples.is_empty();
                values.push((!is_empty).then(|| compute(index, window)).flatten());
            }
            rows.push(Row::new(labels.clone(), values));
        }
        rows.retain(|row| !row.is_empty());
        Ok(rows)
    }
}
