//! `histogram_quantile`

use std::collections::HashMap;

use super::{Evaluation, Row};
use crate::{
    prometheus::{labels::Labels, promql::error::EvalError},
    span::Text,
};

/// The label with the upper bound of a bucket.
const BOUND: &str = "le";

/// How many were at most as large as the bound.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    bound: f64,
    count: f64,
}

impl Evaluation<'_> {
    /// The value below which a part of all observations is, from the counts of their buckets.
    pub(super) fn histogram_quantile(
        &self,
        parts: &[f64],
        rows: &[Row],
    ) -> Result<Vec<Row>, EvalError> {
        let label: [Text; 1] = [BOUND.into()];
        let mut histograms: HashMap<Labels, Vec<(f64, &Row)>> = HashMap::new();
        let mut order = Vec::new();
        for row in rows {
            let Ok(bound) = row.labels.get(BOUND).parse() else {
                continue;
            };
            let labels = row.labels.dropping(&label);
            let buckets = histograms.entry(labels.clone()).or_insert_with(|| {
                order.push(labels);
                Vec::new()
            });
            buckets.push((bound, row));
        }
        let mut quantiles = Vec::with_capacity(order.len());
        for labels in order {
            self.budget.spend(parts.len())?;
            let mut rows = histograms.remove(&labels).unwrap_or_default();
            rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let value = |(step, part): (usize, &f64)| {
                let there = rows.iter();
                let there = there.filter_map(|(bound, row)| Some((*bound, row.values[step]?)));
                let buckets: Vec<_> = there
                    .map(|(bound, count)| Bucket { bound, count })
                    .collect();
                (!buckets.is_empty()).then(|| quantile(*part, buckets))
            };
            let values = parts.iter().enumerate().map(value).collect();
            quantiles.push(Row::new(labels, values));
        }
        Ok(quantiles)
    }
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

/// Buckets are read one after the other while they grow, so a larger one may have counted less.
fn rising(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let mut rising: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        match rising.last_mut() {
            // `0.1` and `0.10` are one bucket.
            Some(last) if last.bound.total_cmp(&bucket.bound).is_eq() => last.count += bucket.count,
            Some(last) => {
                let count = last.count.max(bucket.count);
                rising.push(Bucket { count, ..bucket });
            }
            None => rising.push(bucket),
        }
    }
    rising
}

#[cfg(test)]
mod tests {
    use super::{Bucket, quantile};
    use crate::prometheus::promql::format_value;

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
