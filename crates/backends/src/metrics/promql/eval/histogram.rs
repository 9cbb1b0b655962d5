//! `histogram_quantile`

use std::collections::HashMap;

use super::{Evaluation, Row};
use crate::{
    intern::Text,
    metrics::{promql::error::EvalError, tsdb::Labels},
};

/// The label with the upper bound of a bucket.
const BOUND: &str = "le";

/// How many were at most as large as the bound.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    bound: f64,
    count: f64,
}

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

/// How many were at most as large as a value, where the counts within a bucket are divided evenly, by
/// the number of all.
fn fraction(from: f64, to: f64, buckets: Vec<Bucket>) -> f64 {
    let buckets = coalesced(buckets);
    let Some(all) = buckets.last().filter(|it| it.bound == f64::INFINITY) else {
        return f64::NAN;
    };
    if all.count == 0.0 || from.is_nan() || to.is_nan() {
        return f64::NAN;
    }
    if from >= to {
        return 0.0;
    }
    (rank(to, &buckets) - rank(from, &buckets)) / all.count
}

/// How many were at most as large.
fn rank(value: f64, buckets: &[Bucket]) -> f64 {
    let first = buckets.first().map_or(0.0, |bucket| bucket.bound);
    let mut lower = if first <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let mut before = 0.0;
    for Bucket { bound, count } in buckets {
        if lower >= value {
            return before;
        }
        if *bound > value {
            // Of a bucket without a lower end nobody knows how it is divided.
            let is_open = lower == f64::NEG_INFINITY;
            let part = (value - lower) / (bound - lower);
            return if is_open {
                *count
            } else {
                before + (count - before) * part
            };
        }
        (lower, before) = (*bound, *count);
    }
    before
}

/// In the bucket that has it, the place is divided evenly.
fn quantile(part: f64, buckets: Vec<Bucket>) -> f64 {
    if part.is_nan() {
        return f64::NAN;
    }
    if part < 0.0 {
        return f64::NEG_INFINITY;
    }
    if part > 1.0 {
        return f64::INFINITY;
    }
    let buckets = rising(buckets);
    let Some((all, finite)) = buckets.split_last() else {
        return f64::NAN;
    };
    let Some(largest) = finite.last() else {
        return f64::NAN;
    };
    if all.bound != f64::INFINITY || all.count == 0.0 || all.count.is_nan() {
        return f64::NAN;
    }
    let rank = part * all.count;
    let Some(place) = finite.iter().position(|bucket| bucket.count >= rank) else {
        // Beyond the largest bound nothing is known.
        return largest.bound;
    };
    let Bucket { bound, count } = finite[place];
    if place == 0 && bound <= 0.0 {
        return bound;
    }
    let (lower, before) = match place.checked_sub(1) {
        Some(below) => (finite[below].bound, finite[below].count),
        None => (0.0, 0.0),
    };
    lower + (bound - lower) * ((rank - before) / (count - before))
}

/// How much two counts may differ by what the order of additions makes of them.
const TOLERANCE: f64 = 1e-12;

/// Buckets are read one after the other while they grow, so a larger one may have counted less.
fn rising(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let mut buckets = coalesced(buckets);
    let mut before = f64::NEG_INFINITY;
    for bucket in &mut buckets {
        let is_near = before.is_finite()
            && (bucket.count - before).abs() <= TOLERANCE * (bucket.count.abs() + before.abs());
        if is_near || bucket.count < before {
            bucket.count = before;
        }
        before = bucket.count;
    }
    buckets
}

/// `0.1` and `0.10` are one bucket.
fn coalesced(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let mut coalesced: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        match coalesced.last_mut() {
            Some(last) if last.bound.total_cmp(&bucket.bound).is_eq() => last.count += bucket.count,
            _ => coalesced.push(bucket),
        }
    }
    coalesced
}

#[cfg(test)]
mod tests {
    use super::{Bucket, quantile};
    use crate::metrics::number::format_value;

    fn of(part: f64, buckets: &[(f64, f64)]) -> f64 {
        let buckets = buckets.iter();
        let buckets = buckets.map(|(bound, count)| Bucket {
            bound: *bound,
            count: *count,
        });
        quantile(part, buckets.collect())
    }

    #[test]
    fn the_place_in_a_bucket_is_divided() {
        let buckets = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)];
        let read = [0.25, 0.5, 0.75, 1.0].map(|part| of(part, &buckets));
        assert_eq!(read.map(format_value), ["0.5", "1", "1.5", "2"]);
    }

    #[test]
    fn what_is_beyond_the_largest_bound_is_there() {
        let buckets = [(1.0, 1.0), (f64::INFINITY, 10.0)];
        assert_eq!(format_value(of(0.9, &buckets)), "1");
    }

    #[test]
    fn without_observations_or_a_last_bucket_it_is_no_number() {
        assert!(of(0.5, &[(1.0, 0.0), (f64::INFINITY, 0.0)]).is_nan());
        assert!(of(0.5, &[(1.0, 1.0), (2.0, 2.0)]).is_nan());
        assert!(of(0.5, &[(f64::INFINITY, 2.0)]).is_nan());
        assert_eq!(format_value(of(1.5, &[(1.0, 1.0)])), "+Inf");
    }

    #[test]
    fn a_bucket_that_lags_behind_counts_as_the_one_before() {
        let buckets = [(1.0, 10.0), (2.0, 8.0), (f64::INFINITY, 10.0)];
        assert_eq!(format_value(of(1.0, &buckets)), "1");
    }
}
