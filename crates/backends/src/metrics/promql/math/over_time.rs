//! What is computed of all samples in a window: `avg_over_time(…)` and so on.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the table of functions has one type for all of them"
)]

use super::{
    Window,
    sum::{mean, sum as sum_of, variance},
};
use crate::metrics::{
    number::{count as float, seconds, whole},
    tsdb::Sample,
};

pub(crate) fn avg(window: Window) -> Option<f64> {
    Some(mean(window.values()))
}

pub(crate) fn min(window: Window) -> Option<f64> {
    window.values().reduce(smaller)
}

pub(crate) fn max(window: Window) -> Option<f64> {
    window.values().reduce(larger)
}

pub(crate) fn sum(window: Window) -> Option<f64> {
    Some(sum_of(window.values()))
}

pub(crate) fn count(window: Window) -> Option<f64> {
    Some(float(window.samples.len()))
}

pub(crate) fn first(window: Window) -> Option<f64> {
    window.samples.first().map(|sample| sample.value)
}

pub(crate) fn last(window: Window) -> Option<f64> {
    window.samples.last().map(|sample| sample.value)
}

pub(crate) fn present(_: Window) -> Option<f64> {
    Some(1.0)
}

pub(crate) fn stdvar(window: Window) -> Option<f64> {
    Some(variance(window.values()))
}

pub(crate) fn stddev(window: Window) -> Option<f64> {
    Some(variance(window.values()).sqrt())
}

/// How often the value changes.
pub(crate) fn changes(window: Window) -> Option<f64> {
    Some(pairs_that(window.samples, differ))
}

/// How often a counter is reset.
pub(crate) fn resets(window: Window) -> Option<f64> {
    Some(pairs_that(window.samples, |before, after| after < before))
}

/// `deriv`: the slope per second of the straight line through the samples.
pub(crate) fn slope(window: Window) -> Option<f64> {
    // Times are counted from the first sample: the squares of seconds since 1970 would leave a `f64`
    // no room for the differences.
    Some(line(window.samples, window.samples.first()?.at)?.0)
}

/// `predict_linear`: the value of the straight line through the samples, `after` seconds after
/// `moment`. This is the moment of the step; with `offset` or `@`, the window ends at another.
pub(crate) fn predict(window: Window, moment: i64, after: f64) -> Option<f64> {
    let (slope, height) = line(window.samples, moment)?;
    Some(slope * after + height)
}

/// The value below which this part of all values is; between two values it is interpolated.
pub(crate) fn quantile(part: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || part.is_nan() {
        return f64::NAN;
    }
    if part < 0.0 {
        return f64::NEG_INFINITY;
    }
    if part > 1.0 {
        return f64::INFINITY;
    }
    // NaN is the smallest.
    values.sort_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
    let last = values.len() - 1;
    let place = part * float(last);
    let lower = whole(place.floor(), last);
    let weight = place - place.floor();
    values[lower] * (1.0 - weight) + values[(lower + 1).min(last)] * weight
}

pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if b < a || a.is_nan() { b } else { a }
}

pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if b > a || a.is_nan() { b } else { a }
}

fn pairs_that(samples: &[Sample], holds: fn(f64, f64) -> bool) -> f64 {
    let pairs = samples.windows(2);
    float(
        pairs
            .filter(|pair| holds(pair[0].value, pair[1].value))
            .count(),
    )
}

#[expect(clippy::float_cmp, reason = "a change is any change")]
fn differ(before: f64, after: f64) -> bool {
    before != after && !(before.is_nan() && after.is_nan())
}

/// The straight line with the least squares: its slope per second, and its height at `zero`.
fn line(samples: &[Sample], zero: i64) -> Option<(f64, f64)> {
    let [first, rest @ ..] = samples else {
        return None;
    };
    if rest.is_empty() {
        return None;
    }
    if rest.iter().all(|sample| !differ(sample.value, first.value)) {
        let is_finite = first.value.is_finite();
        return Some(if is_finite {
            (0.0, first.value)
        } else {
            (f64::NAN, f64::NAN)
        });
    }
    let n = float(samples.len());
    let points = || {
        samples
            .iter()
            .map(|sample| (seconds(sample.at - zero), sample.value))
    };
    let times = sum_of(points().map(|(time, _)| time));
    let heights = sum_of(points().map(|(_, value)| value));
    let products = sum_of(points().map(|(time, value)| time * value));
    let squares = sum_of(points().map(|(time, _)| time * time));
    let covariance = products - times * heights / n;
    let slope = covariance / (squares - times * times / n);
    Some((slope, heights / n - slope * times / n))
}
