//! How much a series grows: `rate`, `increase`, `delta`, `irate`, `idelta`.

use super::Window;
use crate::metrics::{
    number::{count, seconds},
    tsdb::Sample,
};

/// Scrapes are not quite even, so a gap at an edge of the window may be this many times the usual
/// one. A larger gap means that the series begins or ends inside the window.
const TOLERANCE: f64 = 1.1;

/// `rate`: the growth of a counter per second.
pub(crate) fn rate(window: Window) -> Option<f64> {
    Some(increase(window)? / seconds(window.end - window.start))
}

/// `increase`: the growth of a counter in the whole window.
pub(crate) fn increase(window: Window) -> Option<f64> {
    let (first, last) = ends(window.samples)?;
    let grown = last.value - first.value + lost_in_resets(window.samples);
    let mut gap = Gaps::of(window, first, last);
    if grown > 0.0 && first.value >= 0.0 {
        // At this speed the counter was zero this long before its first sample: it cannot have
        // grown for longer.
        gap.before = gap.before.min(gap.sampled * (first.value / grown));
    }
    Some(gap.stretch(grown))
}

/// `delta`: the growth of a gauge in the whole window; it may fall, and be below zero.
pub(crate) fn delta(window: Window) -> Option<f64> {
    let (first, last) = ends(window.samples)?;
    let gap = Gaps::of(window, first, last);
    Some(gap.stretch(last.value - first.value))
}

/// `irate`: the growth of a counter between its last two samples, per second.
pub(crate) fn irate(window: Window) -> Option<f64> {
    let [.., before, last] = window.samples else {
        return None;
    };
    // A counter that falls was reset: all that it shows has come since then.
    let grown = if last.value < before.value {
        last.value
    } else {
        last.value - before.value
    };
    Some(grown / seconds(last.at - before.at))
}

/// `idelta`: the growth of a gauge between its last two samples.
pub(crate) fn idelta(window: Window) -> Option<f64> {
    let [.., before, last] = window.samples else {
        return None;
    };
    Some(last.value - before.value)
}

/// How far the samples of a window reach, in seconds.
///
/// ```text
///   start      first                     last   end
///     ├─────────●──────●──────●──────●─────●─────┤
///       before  └────────── sampled ───────┘ after
/// ```
///
/// Samples rarely lie on the edges of a window, so their growth is that of a shorter time. It is
/// extrapolated to the whole window as if the series went on as it is: otherwise a rate would be
/// too low by up to two scrape intervals in each window.
struct Gaps {
    before: f64,
    sampled: f64,
    after: f64,
}

impl Gaps {
    fn of(window: Window, first: Sample, last: Sample) -> Self {
        let sampled = seconds(last.at - first.at);
        let usual = sampled / count(window.samples.len() - 1);
        // A series that begins or ends inside the window did so somewhere in the interval after its
        // outermost sample: half of the interval is the best guess.
        let bounded = |gap: f64| {
            if gap < usual * TOLERANCE {
                gap
            } else {
                usual / 2.0
            }
        };
        Self {
            before: bounded(seconds(first.at - window.start)),
            sampled,
            after: bounded(seconds(window.end - last.at)),
        }
    }

    fn stretch(&self, grown: f64) -> f64 {
        grown * ((self.sampled + self.before + self.after) / self.sampled)
    }
}

/// The first and the last of at least two samples.
fn ends(samples: &[Sample]) -> Option<(Sample, Sample)> {
    match samples {
        [first, .., last] => Some((*first, *last)),
        _ => None,
    }
}

/// The sum of what the counter showed before each reset. A counter never falls, so a lower value
/// means that its process started again, at zero.
fn lost_in_resets(samples: &[Sample]) -> f64 {
    let pairs = samples.windows(2);
    let falls = pairs.filter(|pair| pair[1].value < pair[0].value);
    falls.map(|pair| pair[0].value).sum()
}
