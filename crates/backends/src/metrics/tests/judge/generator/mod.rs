//! Queries by the dozen: by the grammar of the language, and some of them with a mistake.

mod selectors;

use std::fmt::Write as _;

use super::{
    rng::Rng,
    words::{
        AGGREGATIONS, DAMAGE, LABELS, METRICS, NUMBERS, OF_RANGES, OF_VECTORS, OPERATORS, RANGES,
        VALUES,
    },
};
use selectors::{named, pattern, selector, shift};

/// The odds that a query is damaged after it was made, in percent.
const DAMAGED: usize = 15;

/// How deep one may nest.
const MAX_DEPTH: usize = 4;

/// The query of a seed.
pub(super) fn query(seed: u64) -> String {
    let mut rng = Rng(seed);
    let query = match rng.throw(12) {
        0 => scalar(&mut rng, 0),
        1 => chain(&mut rng),
        2 => range(&mut rng, 0),
        _ => vector(&mut rng, 0),
    };
    if rng.percent(DAMAGED) {
        damaged(&mut rng, &query)
    } else {
        query
    }
}

fn scalar(rng: &mut Rng, depth: usize) -> String {
    if depth > MAX_DEPTH || rng.percent(60) {
        return rng.one(NUMBERS).to_owned();
    }
    match rng.throw(4) {
        0 => format!("scalar({})", vector(rng, depth + 1)),
        1 => format!("({})", scalar(rng, depth + 1)),
        2 => format!("-{}", scalar(rng, depth + 1)),
        _ => {
            let (left, right) = (scalar(rng, depth + 1), scalar(rng, depth + 1));
            let operator = rng.line("+\n-\n*\n/\n%\n^\natan2\n== bool\n> bool");
            format!("{left} {operator} {right}")
        }
    }
}

fn vector(rng: &mut Rng, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return selector(rng);
    }
    let next = depth + 1;
    match rng.throw(16) {
        0..4 => selector(rng),
        4 | 5 => format!("{}({})", rng.one(OF_RANGES), range(rng, next)),
        6 => format!("{}({})", rng.one(OF_VECTORS), vector(rng, next)),
        7..10 => aggregation(rng, next),
        10 | 11 => binary(rng, next),
        12 => {
            let operator = rng.one(OPERATORS);
            let bool = if rng.percent(20) { " bool" } else { "" };
            let (vector, scalar) = (vector(rng, next), scalar(rng, next));
            if rng.percent(50) {
                format!("{vector} {operator}{bool} {scalar}")
            } else {
                format!("{scalar} {operator}{bool} {vector}")
            }
        }
        13 => format!("({})", vector(rng, next)),
        14 => format!("-{}", vector(rng, next)),
        _ => special(rng, next),
    }
}

/// Functions with arguments of their own.
fn special(rng: &mut Rng, depth: usize) -> String {
    let inner = vector(rng, depth);
    let number = scalar(rng, depth);
    match rng.throw(11) {
        0 => format!("histogram_quantile({number}, {inner})"),
        1 => format!("histogram_quantile({number}, rate(grpc_rpc_duration_seconds_bucket[1m]))"),
        2 => {
            let (to, value) = (rng.one(LABELS).trim_matches('"'), rng.one(VALUES));
            let (from, pattern) = (rng.one(LABELS).trim_matches('"'), pattern(rng));
            let group = rng.one("$1 ${x}y $0 $$ x $1x \\xc3\\xa4 $");
            format!(
                "label_replace({inner}, \"{to}\", \"{value}{group}\", \"{from}\", \"{pattern}\")"
            )
        }
        3 => {
            let (to, from) = (
                rng.one(LABELS).trim_matches('"'),
                rng.one(LABELS).trim_matches('"'),
            );
            format!("label_join({inner}, \"{to}\", \"-\", \"job\", \"{from}\")")
        }
        4 => format!("vector({number})"),
        5 => format!("clamp({inner}, {number}, 24)"),
        6 => format!("clamp_{}({inner}, {number})", rng.one("min max")),
        7 => format!("round({inner}, {number})"),
        8 => format!("quantile_over_time({number}, {})", range(rng, depth)),
        9 => format!("predict_linear({}, {number})", range(rng, depth)),
        _ => format!("histogram_fraction(0, {number}, {inner})"),
    }
}

fn range(rng: &mut Rng, depth: usize) -> String {
    let (range, shift) = (rng.one(RANGES), shift(rng));
    if range.contains(':') && rng.percent(60) {
        return format!("({}){range}{shift}", vector(rng, depth + 1));
    }
    let selector = named(rng);
    format!("{selector}{range}{shift}")
}

fn aggregation(rng: &mut Rng, depth: usize) -> String {
    let inner = vector(rng, depth);
    let by = match rng.throw(4) {
        0 => String::new(),
        1 => format!(" without ({})", labels(rng)),
        _ => format!(" by ({})", labels(rng)),
    };
    match rng.throw(10) {
        0 => format!("quantile{by} ({}, {inner})", scalar(rng, depth)),
        1 => format!(
            "count_values{by} (\"{}\", {inner})",
            rng.one(LABELS).trim_matches('"')
        ),
        2 => format!("topk({}, odd_value + 0){by}", rng.one(NUMBERS)),
        3 => format!("bottomk{by} ({}, odd_value)", rng.one(NUMBERS)),
        4 | 5 => format!("{}({inner}){by}", rng.one(AGGREGATIONS)),
        _ => format!("{}{by} ({inner})", rng.one(AGGREGATIONS)),
    }
}

fn binary(rng: &mut Rng, depth: usize) -> String {
    let (left, right) = (vector(rng, depth), vector(rng, depth));
    let operator = rng.one(OPERATORS);
    let bool = if rng.percent(15) { " bool" } else { "" };
    let matching = match rng.throw(4) {
        0 => String::new(),
        1 => format!(" ignoring ({})", labels(rng)),
        _ => format!(" on ({})", labels(rng)),
    };
    let group = match rng.throw(8) {
        0 => format!(" group_left ({})", labels(rng)),
        1 => format!(" group_right ({})", labels(rng)),
        2 => " group_left".to_owned(),
        _ => String::new(),
    };
    format!("{left} {operator}{bool}{matching}{group} {right}")
}

/// Many operators without brackets.
fn chain(rng: &mut Rng) -> String {
    let mut query = rng.one(METRICS).to_owned();
    for _ in 0..rng.throw(150) {
        let operator = rng.one("+ - * / or and unless");
        let is_set = operator.starts_with(char::is_alphabetic);
        let right = if is_set {
            rng.one(METRICS)
        } else {
            rng.one("1 2.5 up")
        };
        write!(query, " {operator} {right}").unwrap();
    }
    query
}

fn labels(rng: &mut Rng) -> String {
    let names: Vec<_> = (0..rng.throw(3)).map(|_| rng.one(LABELS)).collect();
    names.join(", ")
}

/// With one part taken out, doubled, or put in.
fn damaged(rng: &mut Rng, query: &str) -> String {
    let mut chars: Vec<char> = query.chars().collect();
    let at = rng.throw(chars.len());
    match rng.throw(4) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[at]),
        2 => {
            let other = rng.throw(chars.len());
            chars.swap(at, other);
        }
        _ => drop(chars.splice(at..at, rng.one(DAMAGE).chars())),
    }
    chars.into_iter().collect()
}
