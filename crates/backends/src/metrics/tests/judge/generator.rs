//! Queries by the dozen: by the grammar of the language, and some of them with a mistake.

use std::fmt::Write as _;

use super::{
    dice::Dice,
    words::{
        AGGREGATIONS, ATOMS, DAMAGE, LABELS, METRICS, NUMBERS, OF_RANGES, OF_VECTORS, OPERATORS,
        RANGES, REPEATS, SELECTORS, SHIFTS, VALUES,
    },
};

/// The odds that a query is damaged after it was made, in percent.
const DAMAGED: usize = 15;

/// How deep one may nest.
const MAX_DEPTH: usize = 4;

/// The query of a seed.
pub(super) fn query(seed: u64) -> String {
    let mut dice = Dice(seed);
    let query = match dice.throw(12) {
        0 => scalar(&mut dice, 0),
        1 => chain(&mut dice),
        2 => range(&mut dice, 0),
        _ => vector(&mut dice, 0),
    };
    if dice.percent(DAMAGED) {
        damaged(&mut dice, &query)
    } else {
        query
    }
}

fn scalar(dice: &mut Dice, depth: usize) -> String {
    if depth > MAX_DEPTH || dice.percent(60) {
        return dice.one(NUMBERS).to_owned();
    }
    match dice.throw(4) {
        0 => format!("scalar({})", vector(dice, depth + 1)),
        1 => format!("({})", scalar(dice, depth + 1)),
        2 => format!("-{}", scalar(dice, depth + 1)),
        _ => {
            let (left, right) = (scalar(dice, depth + 1), scalar(dice, depth + 1));
            let operator = dice.line("+\n-\n*\n/\n%\n^\natan2\n== bool\n> bool");
            format!("{left} {operator} {right}")
        }
    }
}

fn vector(dice: &mut Dice, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return selector(dice);
    }
    let next = depth + 1;
    match dice.throw(16) {
        0..4 => selector(dice),
        4 | 5 => format!("{}({})", dice.one(OF_RANGES), range(dice, next)),
        6 => format!("{}({})", dice.one(OF_VECTORS), vector(dice, next)),
        7..10 => aggregation(dice, next),
        10 | 11 => binary(dice, next),
        12 => {
            let operator = dice.one(OPERATORS);
            let bool = if dice.percent(20) { " bool" } else { "" };
            let (vector, scalar) = (vector(dice, next), scalar(dice, next));
            if dice.percent(50) {
                format!("{vector} {operator}{bool} {scalar}")
            } else {
                format!("{scalar} {operator}{bool} {vector}")
            }
        }
        13 => format!("({})", vector(dice, next)),
        14 => format!("-{}", vector(dice, next)),
        _ => special(dice, next),
    }
}

/// Functions with arguments of their own.
fn special(dice: &mut Dice, depth: usize) -> String {
    let inner = vector(dice, depth);
    let number = scalar(dice, depth);
    match dice.throw(11) {
        0 => format!("histogram_quantile({number}, {inner})"),
        1 => format!("histogram_quantile({number}, rate(grpc_rpc_duration_seconds_bucket[1m]))"),
        2 => {
            let (to, value) = (dice.one(LABELS).trim_matches('"'), dice.one(VALUES));
            let (from, pattern) = (dice.one(LABELS).trim_matches('"'), pattern(dice));
            let group = dice.one("$1 ${x}y $0 $$ x $1x \\xc3\\xa4 $");
            format!(
                "label_replace({inner}, \"{to}\", \"{value}{group}\", \"{from}\", \"{pattern}\")"
            )
        }
        3 => {
            let (to, from) = (
                dice.one(LABELS).trim_matches('"'),
                dice.one(LABELS).trim_matches('"'),
            );
            format!("label_join({inner}, \"{to}\", \"-\", \"job\", \"{from}\")")
        }
        4 => format!("vector({number})"),
        5 => format!("clamp({inner}, {number}, 24)"),
        6 => format!("clamp_{}({inner}, {number})", dice.one("min max")),
        7 => format!("round({inner}, {number})"),
        8 => format!("quantile_over_time({number}, {})", range(dice, depth)),
        9 => format!("predict_linear({}, {number})", range(dice, depth)),
        _ => format!("histogram_fraction(0, {number}, {inner})"),
    }
}

fn range(dice: &mut Dice, depth: usize) -> String {
    let (range, shift) = (dice.one(RANGES), shift(dice));
    if range.contains(':') && dice.percent(60) {
        return format!("({}){range}{shift}", vector(dice, depth + 1));
    }
    let selector = named(dice);
    format!("{selector}{range}{shift}")
}

fn aggregation(dice: &mut Dice, depth: usize) -> String {
    let inner = vector(dice, depth);
    let by = match dice.throw(4) {
        0 => String::new(),
        1 => format!(" without ({})", labels(dice)),
        _ => format!(" by ({})", labels(dice)),
    };
    match dice.throw(10) {
        0 => format!("quantile{by} ({}, {inner})", scalar(dice, depth)),
        1 => format!(
            "count_values{by} (\"{}\", {inner})",
            dice.one(LABELS).trim_matches('"')
        ),
        2 => format!("topk({}, odd_value + 0){by}", dice.one(NUMBERS)),
        3 => format!("bottomk{by} ({}, odd_value)", dice.one(NUMBERS)),
        4 | 5 => format!("{}({inner}){by}", dice.one(AGGREGATIONS)),
        _ => format!("{}{by} ({inner})", dice.one(AGGREGATIONS)),
    }
}

fn binary(dice: &mut Dice, depth: usize) -> String {
    let (left, right) = (vector(dice, depth), vector(dice, depth));
    let operator = dice.one(OPERATORS);
    let bool = if dice.percent(15) { " bool" } else { "" };
    let matching = match dice.throw(4) {
        0 => String::new(),
        1 => format!(" ignoring ({})", labels(dice)),
        _ => format!(" on ({})", labels(dice)),
    };
    let group = match dice.throw(8) {
        0 => format!(" group_left ({})", labels(dice)),
        1 => format!(" group_right ({})", labels(dice)),
        2 => " group_left".to_owned(),
        _ => String::new(),
    };
    format!("{left} {operator}{bool}{matching}{group} {right}")
}

/// Many operators without brackets.
fn chain(dice: &mut Dice) -> String {
    let mut query = dice.one(METRICS).to_owned();
    for _ in 0..dice.throw(150) {
        let operator = dice.one("+ - * / or and unless");
        let is_set = operator.starts_with(char::is_alphabetic);
        let right = if is_set {
            dice.one(METRICS)
        } else {
            dice.one("1 2.5 up")
        };
        write!(query, " {operator} {right}").unwrap();
    }
    query
}

fn labels(dice: &mut Dice) -> String {
    let names: Vec<_> = (0..dice.throw(3)).map(|_| dice.one(LABELS)).collect();
    names.join(", ")
}

fn selector(dice: &mut Dice) -> String {
    named(dice) + &shift(dice)
}

fn shift(dice: &mut Dice) -> String {
    if dice.percent(60) {
        return String::new();
    }
    format!(" {}", dice.line(SHIFTS))
}

fn named(dice: &mut Dice) -> String {
    if dice.percent(20) {
        return dice.line(SELECTORS).to_owned();
    }
    let metric = dice.one(METRICS).to_owned();
    let matchers: Vec<_> = (0..dice.throw(3)).map(|_| matcher(dice)).collect();
    if matchers.is_empty() {
        metric
    } else {
        format!("{metric}{{{}}}", matchers.join(","))
    }
}

fn matcher(dice: &mut Dice) -> String {
    let label = dice.one(LABELS);
    match dice.throw(4) {
        0 => format!("{label}=\"{}\"", dice.one(VALUES)),
        1 => format!("{label}!=\"{}\"", dice.one(VALUES)),
        2 => format!("{label}=~\"{}\"", pattern(dice)),
        _ => format!("{label}!~\"{}\"", pattern(dice)),
    }
}

fn pattern(dice: &mut Dice) -> String {
    let mut pattern = String::new();
    for _ in 0..=dice.throw(4) {
        pattern += dice.one(ATOMS);
        if dice.percent(20) {
            pattern += dice.one(REPEATS);
        }
        if dice.percent(15) {
            pattern.push('|');
        }
    }
    if dice.percent(15) {
        format!("({pattern})")
    } else {
        pattern
    }
}

/// With one part taken out, doubled, or put in.
fn damaged(dice: &mut Dice, query: &str) -> String {
    let mut chars: Vec<char> = query.chars().collect();
    let at = dice.throw(chars.len());
    match dice.throw(4) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[at]),
        2 => {
            let other = dice.throw(chars.len());
            chars.swap(at, other);
        }
        _ => drop(chars.splice(at..at, dice.one(DAMAGE).chars())),
    }
    chars.into_iter().collect()
}
