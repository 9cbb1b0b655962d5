//! What is computed of all samples in a window.

use super::window::Window;
use crate::metrics::{
    number::{count, seconds, whole},
    promql::sum::{mean, sum, variance},
    tsdb::Sample,
};

/// Computes `…_over_time` and its like; `None` for a name that is not one of them.
pub(super) fn named(name: &str) -> Option<fn(Window) -> Option<f64>> {
    Some(match name {
        "avg_over_time" => |it| Some(mean(values(it.samples))),
        "min_over_time" => |it| values(it.samples).reduce(smaller),
        "max_over_time" => |it| values(it.samples).reduce(larger),
        "sum_over_time" => |it| Some(sum(values(it.samples))),
        "count_over_time" => |it| Some(count(it.samples.len())),
        "first_over_time" => |it| it.samples.first().map(|sample| sample.value),
        "last_over_time" => |it| it.samples.last().map(|sample| sample.value),
        "present_over_time" => |_| Some(1.0),
        "stdvar_over_time" => |it| Some(variance(values(it.samples))),
        "stddev_over_time" => |it| Some(variance(values(it.samples)).sqrt()),
        "changes" => |it| Some(pairs_that(it.samples, differ)),
        "resets" => |it| Some(pairs_that(it.samples, |before, after| after < before)),
        "deriv" => |it| Some(line(it.samples, it.samples.first()?.at)?.0),
        _ => return None,
    })
}

/// Where the straight line through the samples is, so many seconds after the moment of a step:
/// the window may end at another, moved by `offset` or `@`.
pub(super) fn predict(window: Window, moment: i64, after: f64) -> Option<f64> {
    let (slope, height) = line(window.samples, moment)?;
    Some(slope * after + height)
}

/// The value below which this part of all values is; between two values the place is divided.
pub(super) fn quantile(part: f64, mut values: Vec<f64>) -> f64 {
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
    let place = part * count(last);
    let lower = whole(place.floor(), last);
    let weight = place - place.floor();
    values[lower] * (1.0 - weight) + values[(lower + 1).min(last)] * weight
}

pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if b < a || a.is_nan() { b } else { a }
}

pub(super) fn larger(a: f64, b: f64) -> f64 {
    if b > a || a.is_nan() { b } else { a }
}

fn values(samples: &[Sample]) -> impl Iterator<Item = f64> {
    samples.iter().map(|sample| sample.value)
}

fn pairs_that(samples: &[Sample], holds: fn(f64, f64) -> bool) -> f64 {
    let pairs = samples.windows(2);
    count(
        pairs
            .filter(|pair| holds(pair[0].value, pair[1].value))
            .count(),
    )
}

#[expect(clippy::float_cmp, reason = "a change is any change")]
fn differ(before: f64, after: f64) -> bool {
    before != after && !(before.is_nan() && after.is_nan())
}

/// The straight line with the least squares: its slope a second, and its height at `zero`.
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
    let n = count(samples.len());
    let points = || {
        samples
            .iter()
            .map(|sample| (seconds(sample.at - zero), sample.value))
    };
    let times = sum(points().map(|(time, _)| time));
    let heights = sum(points().map(|(_, value)| value));
    let products = sum(points().map(|(time, value)| time * value));
    let squares = sum(points().map(|(time, _)| time * time));
    let covariance = products - times * heights / n;
    let slope = covariance / (squares - times * times / n);
    Some((slope, heights / n - slope * times / n))
}
