//! What is computed of all samples in a window.

use super::window::Window;
use crate::prometheus::{
    promql::number::{count, seconds, whole},
    samples::Sample,
};

/// Computes `…_over_time` and its like; `None` for a name that is not one of them.
pub(super) fn named(name: &str) -> Option<fn(Window) -> Option<f64>> {
    Some(match name {
        "avg_over_time" => |it| Some(mean(it.samples)),
        "min_over_time" => |it| values(it.samples).reduce(smaller),
        "max_over_time" => |it| values(it.samples).reduce(larger),
        "sum_over_time" => |it| Some(values(it.samples).sum()),
        "count_over_time" => |it| Some(count(it.samples.len())),
        "last_over_time" => |it| it.samples.last().map(|sample| sample.value),
        "present_over_time" => |_| Some(1.0),
        "stdvar_over_time" => |it| Some(variance(it.samples)),
        "stddev_over_time" => |it| Some(variance(it.samples).sqrt()),
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

fn mean(samples: &[Sample]) -> f64 {
    values(samples).sum::<f64>() / count(samples.len())
}

fn variance(samples: &[Sample]) -> f64 {
    let mean = mean(samples);
    let squares = values(samples).map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / count(samples.len())
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
    if samples.len() < 2 {
        return None;
    }
    let n = count(samples.len());
    let times = || samples.iter().map(|sample| seconds(sample.at - zero));
    let mean_time = times().sum::<f64>() / n;
    let mean_value = mean(samples);
    let both = times().zip(values(samples));
    let covariance: f64 = both
        .map(|(time, value)| (time - mean_time) * (value - mean_value))
        .sum();
    let variance: f64 = times().map(|time| (time - mean_time).powi(2)).sum();
    let slope = covariance / variance;
    Some((slope, mean_value - slope * mean_time))
}
