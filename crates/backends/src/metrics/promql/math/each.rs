//! What is computed of each value by itself.

/// -1, 0 or 1; NaN and both zeros as they are.
pub(crate) fn sign(value: f64) -> f64 {
    if value == 0.0 || value.is_nan() {
        value
    } else {
        value.signum()
    }
}

/// Rounds to the nearest multiple, and up from the middle between two.
pub(crate) fn round(value: f64, multiple: f64) -> f64 {
    // Dividing by the inverse is more exact: 3 / 10 is 0.3, and 3 * 0.1 is 0.30000000000000004.
    let inverse = 1.0 / multiple;
    (value * inverse + 0.5).floor() / inverse
}

pub(crate) fn clamp(value: f64, (least, most): (f64, f64)) -> f64 {
    if value.is_nan() || least.is_nan() || most.is_nan() {
        return f64::NAN;
    }
    value.min(most).max(least)
}
