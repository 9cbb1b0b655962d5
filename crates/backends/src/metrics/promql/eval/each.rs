//! What is computed of each value by itself.

use super::{Row, row::merge};
use crate::metrics::promql::error::EvalError;

/// Computes a value of each value and the number of its step; the metric's name goes.
pub(super) fn map(
    rows: Vec<Row>,
    compute: impl Fn(usize, f64) -> f64,
) -> Result<Vec<Row>, EvalError> {
    let computed = rows.into_iter().map(|row| {
        let values = row.values.into_iter().enumerate();
        let values = values.map(|(step, value)| Some(compute(step, value?)));
        Row::new(row.labels.without_name(), values.collect())
    });
    merge(computed.collect())
}

/// Computes `abs` and its like; `None` for a name that is not one of them.
pub(super) fn named(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => f64::exp,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sqrt" => f64::sqrt,
        "acos" => f64::acos,
        "acosh" => f64::acosh,
        "asin" => f64::asin,
        "asinh" => f64::asinh,
        "atan" => f64::atan,
        "atanh" => f64::atanh,
        "cos" => f64::cos,
        "cosh" => f64::cosh,
        "sin" => f64::sin,
        "sinh" => f64::sinh,
        "tan" => f64::tan,
        "tanh" => f64::tanh,
        "deg" => f64::to_degrees,
        "rad" => f64::to_radians,
        "sgn" => |value| {
            if value == 0.0 || value.is_nan() {
                value
            } else {
                value.signum()
            }
        },
        _ => return None,
    })
}

/// To the nearest multiple, and up where two are as near.
pub(super) fn round(value: f64, multiple: f64) -> f64 {
    // Multiplied with its inverse, a tenth gives fewer odd digits.
    let inverse = 1.0 / multiple;
    (value * inverse + 0.5).floor() / inverse
}

pub(super) fn clamp(value: f64, (least, most): (f64, f64)) -> f64 {
    if value.is_nan() || least.is_nan() || most.is_nan() {
        return f64::NAN;
    }
    value.min(most).max(least)
}
