//! `histogram_quantile` and `histogram_fraction`: from the series of buckets to histograms.

use std::collections::HashMap;

use super::Evaluation;
use crate::{
    intern::Text,
    metrics::{
        promql::{
            error::EvalError,
            math::histogram::{Bucket, fraction, quantile},
            value::Row,
        },
        tsdb::Labels,
    },
};

/// The label with the upper bound of a bucket.
const BOUND: &str = "le";

/// The buckets of a histogram, each with its bound, smaller ones first.
type Buckets<'a> = Vec<(f64, &'a Row)>;

impl Evaluation<'_> {
    /// The value below which a part of all observations is, from the counts of their buckets.
    pub(super) fn histogram_quantile(
        &self,
        parts: &[f64],
        rows: &[Row],
    ) -> Result<Vec<Row>, EvalError> {
        self.of_histograms(rows, |step, buckets| quantile(parts[step], buckets))
    }

    /// The part of all observations that is between two values.
    pub(super) fn histogram_fraction(
        &self,
        from: &[f64],
        to: &[f64],
        rows: &[Row],
    ) -> Result<Vec<Row>, EvalError> {
        self.of_histograms(rows, |step, buckets| {
            fraction(from[step], to[step], buckets)
        })
    }

    /// Computes a value of the buckets of each histogram at each step.
    fn of_histograms(
        &self,
        rows: &[Row],
        compute: impl Fn(usize, Vec<Bucket>) -> f64,
    ) -> Result<Vec<Row>, EvalError> {
        let mut computed = Vec::new();
        for (labels, buckets) in histograms(rows) {
            self.budget.spend(self.timeline.steps)?;
            let mut values = Vec::with_capacity(self.timeline.steps);
            for step in 0..self.timeline.steps {
                self.budget.work(buckets.len())?;
                let there = buckets.iter();
                let there = there.filter_map(|(bound, row)| {
                    let (bound, count) = (*bound, row.values[step]?);
                    Some(Bucket { bound, count })
                });
                let there: Vec<_> = there.collect();
                values.push((!there.is_empty()).then(|| compute(step, there)));
            }
            computed.push(Row::new(labels, values));
        }
        Ok(computed)
    }
}

/// The histograms in the order of their first buckets, each by the labels that its buckets share.
fn histograms(rows: &[Row]) -> Vec<(Labels, Buckets<'_>)> {
    let label: [Text; 1] = [BOUND.into()];
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut histograms: Vec<(Labels, Buckets)> = Vec::new();
    for row in rows {
        let Ok(bound) = row.labels.get(BOUND).parse() else {
            continue;
        };
        let labels = row.labels.dropping(&label);
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            histograms.push((labels, Vec::new()));
            histograms.len() - 1
        });
        histograms[place].1.push((bound, row));
    }
    for (_, buckets) in &mut histograms {
        buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    }
    histograms
}
