//! Numbers for people.

use crate::metrics::number::format_value;

/// The prefixes from a thousand up, and from a thousandth down.
const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];

/// `1.234k`
pub(super) fn humanize(value: f64) -> String {
    let (scaled, prefix) = scale(value, true);
    format!("{}{prefix}", digits(scaled))
}

/// `12.5%` of `0.125`
pub(super) fn percentage(value: f64) -> String {
    format!("{}%", digits(value * 100.0))
}

/// `1d 2h 3m 4s`, or `1.5ms`
#[expect(
    clippy::cast_possible_truncation,
    reason = "beyond 292 billion years nobody looks at the hours"
)]
pub(super) fn duration(value: f64) -> String {
    if !value.is_finite() || value.abs() < 60.0 {
        let (scaled, prefix) = scale(value, false);
        return format!("{}{prefix}s", digits(scaled));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let seconds = value.abs() as i64;
    let (minutes, s) = (seconds / 60, seconds % 60);
    let (hours, m) = (minutes / 60, minutes % 60);
    let (d, h) = (hours / 24, hours % 24);
    match (d, h) {
        (0, 0) => format!("{sign}{m}m {s}s"),
        (0, h) => format!("{sign}{h}h {m}m {s}s"),
        (d, h) => format!("{sign}{d}d {h}h {m}m {s}s"),
    }
}

/// Scales a number to one between 1 and 1000, as far as there are prefixes.
fn scale(value: f64, with_large: bool) -> (f64, &'static str) {
    let mut scaled = value;
    let mut prefix = "";
    if value == 0.0 || !value.is_finite() {
        return (value, prefix);
    }
    if value.abs() >= 1.0 {
        for next in LARGE.iter().filter(|_| with_large) {
            if scaled.abs() < 1000.0 {
                break;
            }
            (scaled, prefix) = (scaled / 1000.0, next);
        }
    } else {
        for next in SMALL {
            if scaled.abs() >= 1.0 {
                break;
            }
            (scaled, prefix) = (scaled * 1000.0, next);
        }
    }
    (scaled, prefix)
}

/// Four significant digits, without zeros at the end.
fn digits(value: f64) -> String {
    if !value.is_finite() {
        return format_value(value);
    }
    let text = format!("{value:.3e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..4).contains(&exponent) {
        let decimals = usize::try_from(3 - exponent).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, humanize, percentage};

    /// What Prometheus makes of the same numbers.
    #[test]
    fn numbers_read_as_in_prometheus() {
        let counts = [0.0, 1.0, 1234.5, 1e7, 0.0123, f64::NAN].map(humanize);
        assert_eq!(counts, ["0", "1", "1.234k", "10M", "12.3m", "NaN"]);
        let parts = [0.0, 0.052_345_6, 1.0, 123.456].map(percentage);
        assert_eq!(parts, ["0%", "5.235%", "100%", "1.235e+04%"]);
        let times = [0.0, 0.0015, 1.5, 61.0, 3661.0, 93_784.0, -61.0].map(duration);
        let expected = [
            "0s",
            "1.5ms",
            "1.5s",
            "1m 1s",
            "1h 1m 1s",
            "1d 2h 3m 4s",
            "-1m 1s",
        ];
        assert_eq!(times, expected);
    }
}
