//! Quantiles and fractions of a classic histogram.

/// How many observations were at most `bound`: buckets are cumulative.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    pub(crate) bound: f64,
    pub(crate) count: f64,
}

/// The share of the observations between two values. Observations are taken to be spread evenly
/// within a bucket.
pub(crate) fn fraction(from: f64, to: f64, buckets: Vec<Bucket>) -> f64 {
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

/// How many observations were at most `value`.
fn rank(value: f64, buckets: &[Bucket]) -> f64 {
    let first = buckets.first().map_or(0.0, |bucket| bucket.bound);
    let mut lower = if first <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let mut before = 0.0;
    for Bucket { bound, count } in buckets {
        if lower >= value {
            return before;
        }
        if *bound > value {
            // Without a lower bound, the spread of the observations in the bucket is unknown.
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

/// The value below which this part of all observations is.
///
/// Only the bucket of the value is known, and not its place in the bucket: observations are taken
/// to be spread evenly between the bounds. The first bucket begins at zero, as durations and sizes
/// do, if its upper bound is above zero.
pub(crate) fn quantile(part: f64, buckets: Vec<Bucket>) -> f64 {
    if part.is_nan() {
        return f64::NAN;
    }
    if part < 0.0 {
        return f64::NEG_INFINITY;
    }
    if part > 1.0 {
        return f64::INFINITY;
    }
    let buckets = made_monotonic(buckets);
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

/// How much two counts may differ by rounding, which depends on the order of additions.
const TOLERANCE: f64 = 1e-12;

/// Makes counts rise with their bounds.
///
/// The buckets of a histogram are series of their own. They are scraped while they grow and rates of
/// them are extrapolated one by one, so a larger bucket may seem to have counted a little less than a
/// smaller one; without this the rank of an observation would be searched in a list that is not sorted.
fn made_monotonic(buckets: Vec<Bucket>) -> Vec<Bucket> {
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

/// Adds up buckets with the same bound: `le="0.1"` of one program and `le="0.10"` of another.
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
