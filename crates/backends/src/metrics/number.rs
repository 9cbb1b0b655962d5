//! Numbers, times and how Prometheus writes them.

/// Milliseconds as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "times of this age have 41 of the 52 bits"
)]
pub(crate) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

/// Seconds as milliseconds; `None` for NaN and for numbers that are too large for a time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is out of range has been refused"
)]
pub(crate) fn milliseconds(seconds: f64) -> Option<i64> {
    let ms = (seconds * 1000.0).round();
    (ms.abs() < 9e15).then_some(ms as i64)
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

/// A number of things, as `topk` takes it: at least 0, at most `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a length"
)]
pub(crate) fn whole(number: f64, most: usize) -> usize {
    number.clamp(0.0, count(most)) as usize
}

/// A number as Prometheus writes it: the shortest text that reads back the same, no exponent.
pub(crate) fn format_value(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}

/// The numbers that have a name: `Inf` and `NaN`, in capitals or not.
pub(crate) fn named_number(name: &str) -> Option<f64> {
    let is_number = name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("nan");
    name.parse().ok().filter(|_| is_number)
}

/// A number as Go reads one: `12`, `0x1F`, `0x_1F`, `017` (octal), `1_000`, `1.5e-3`.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    if let Some(whole) = parse_whole(text) {
        return Some(whole);
    }
    let is_decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    text.parse().ok().filter(|_| is_decimal)
}

/// Reads digits in the base that their prefix says, with single underscores between them.
#[expect(
    clippy::cast_precision_loss,
    reason = "a literal is the nearest number that there is"
)]
fn parse_whole(text: &str) -> Option<f64> {
    let (digits, base) = match text.strip_prefix('0') {
        Some(rest) if rest.starts_with(['x', 'X']) => (&rest[1..], 16),
        Some("") | None => (text, 10),
        Some(rest) => (rest, 8),
    };
    // An underscore may also stand between the prefix and the digits.
    let digits = if base == 10 {
        digits
    } else {
        digits.strip_prefix('_').unwrap_or(digits)
    };
    let is_whole = digits
        .split('_')
        .all(|group| !group.is_empty() && group.chars().all(|digit| digit.is_digit(base)));
    let value = i64::from_str_radix(&digits.replace('_', ""), base).ok();
    value.filter(|_| is_whole).map(|value| value as f64)
}

/// A number with an exponent, as Prometheus has the value of an alert: `1.5e+00`.
pub(crate) fn scientific(value: f64) -> String {
    if !value.is_finite() {
        return format_value(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_value, milliseconds, scientific};

    #[test]
    fn numbers_read_as_in_prometheus() {
        let read = [0.1, 1e21, f64::NAN, f64::INFINITY, -f64::INFINITY, -0.0].map(format_value);
        let expected = ["0.1", "1000000000000000000000", "NaN", "+Inf", "-Inf", "-0"];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_time_out_of_range_is_none() {
        assert_eq!(milliseconds(1.5), Some(1500));
        assert_eq!(milliseconds(f64::NAN), None);
        assert_eq!(milliseconds(1e300), None);
    }

    #[test]
    fn a_value_has_an_exponent_of_two_digits() {
        let written = [0.0, 1.5, 12_345.0, 0.001, 1e100].map(scientific);
        assert_eq!(
            written,
            ["0e+00", "1.5e+00", "1.2345e+04", "1e-03", "1e+100"]
        );
    }
}
