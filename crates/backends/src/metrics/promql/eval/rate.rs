//! How fast a counter grows.

use super::window::Window;
use crate::metrics::{
    number::{count, seconds},
    tsdb::Sample,
};

/// A series goes on to the edge of its window if that is not farther than the usual time between
/// its samples, and this part of it.
const TOLERANCE: f64 = 1.1;

/// What `rate`, `increase` and `delta` have in common.
#[derive(Clone, Copy, Debug)]
pub(super) enum Growth {
    /// A second, of a counter.
    Rate,
    /// In the whole window, of a counter.
    Increase,
    /// In the whole window, of a gauge.
    Delta,
}

/// The growth in the window, as if the samples reached to its edges.
///
/// The first and the last sample are some way inside the window. What lies between them is
/// stretched to the edges; but to half of the usual time at most where the series seems to begin
/// or end inside, and not so far back that a counter would have been below zero.
pub(super) fn growth(kind: Growth, window: Window) -> Option<f64> {
    let (first, last) = ends(window.samples)?;
    let is_counter = !matches!(kind, Growth::Delta);
    let mut grown = last.value - first.value;
    if is_counter {
        grown += lost_in_resets(window.samples);
    }
    let sampled = seconds(last.at - first.at);
    let usual = sampled / count(window.samples.len() - 1);
    let reach = |gap: f64| {
        if gap < usual * TOLERANCE {
            gap
        } else {
            usual / 2.0
        }
    };
    let mut before = reach(seconds(first.at - window.start));
    let after = reach(seconds(window.end - last.at));
    if is_counter && grown > 0.0 && first.value >= 0.0 {
        before = before.min(sampled * (first.value / grown));
    }
    let stretched = grown * ((sampled + before + after) / sampled);
    Some(match kind {
        Growth::Rate => stretched / seconds(window.end - window.start),
        Growth::Increase | Growth::Delta => stretched,
    })
}

/// The growth between the last two samples: a second of a counter, or as it is.
pub(super) fn latest(is_rate: bool, window: Window) -> Option<f64> {
    let [.., before, last] = window.samples else {
        return None;
    };
    if !is_rate {
        return Some(last.value - before.value);
    }
    // A counter that falls has begun anew at zero.
    let grown = if last.value < before.value {
        last.value
    } else {
        last.value - before.value
    };
    Some(grown / seconds(last.at - before.at))
}

fn ends(samples: &[Sample]) -> Option<(Sample, Sample)> {
    match samples {
        [first, .., last] => Some((*first, *last)),
        _ => None,
    }
}

/// What a counter had counted each time before it began anew.
fn lost_in_resets(samples: &[Sample]) -> f64 {
    let pairs = samples.windows(2);
    let falls = pairs.filter(|pair| pair[1].value < pair[0].value);
    falls.map(|pair| pair[0].value).sum()
}
