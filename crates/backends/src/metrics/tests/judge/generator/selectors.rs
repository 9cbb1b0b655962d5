//! Selectors of series, with their matchers and shifts.

use crate::metrics::tests::judge::{
    rng::Rng,
    words::{ATOMS, LABELS, METRICS, REPEATS, SELECTORS, SHIFTS, VALUES},
};

pub(super) fn selector(rng: &mut Rng) -> String {
    named(rng) + &shift(rng)
}

pub(super) fn shift(rng: &mut Rng) -> String {
    if rng.percent(60) {
        return String::new();
    }
    format!(" {}", rng.line(SHIFTS))
}

pub(super) fn named(rng: &mut Rng) -> String {
    if rng.percent(20) {
        return rng.line(SELECTORS).to_owned();
    }
    let metric = rng.one(METRICS).to_owned();
    let matchers: Vec<_> = (0..rng.throw(3)).map(|_| matcher(rng)).collect();
    if matchers.is_empty() {
        metric
    } else {
        format!("{metric}{{{}}}", matchers.join(","))
    }
}

fn matcher(rng: &mut Rng) -> String {
    let label = rng.one(LABELS);
    match rng.throw(4) {
        0 => format!("{label}=\"{}\"", rng.one(VALUES)),
        1 => format!("{label}!=\"{}\"", rng.one(VALUES)),
        2 => format!("{label}=~\"{}\"", pattern(rng)),
        _ => format!("{label}!~\"{}\"", pattern(rng)),
    }
}

pub(super) fn pattern(rng: &mut Rng) -> String {
    let mut pattern = String::new();
    for _ in 0..=rng.throw(4) {
        pattern += rng.one(ATOMS);
        if rng.percent(20) {
            pattern += rng.one(REPEATS);
        }
        if rng.percent(15) {
            pattern.push('|');
        }
    }
    if rng.percent(15) {
        format!("({pattern})")
    } else {
        pattern
    }
}
