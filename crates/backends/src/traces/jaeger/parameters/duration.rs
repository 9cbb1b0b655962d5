//! Durations as Go and the Jaeger UI write them: `1.5ms`, `1h30m`, `2d`.

use std::time::Duration;

/// The sum of one or more numbers with a unit each: ns, us, µs, ms, s, m, h, d.
///
/// `None` for anything else, and for what is negative or longer than 584 years.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    // The only number that needs no unit.
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (part, after) = take_part(rest)?;
        sum = sum.checked_add(part)?;
        rest = after;
    }
    // The store counts nanoseconds in 64 bits.
    u64::try_from(sum.as_nanos()).is_ok().then_some(sum)
}

/// Splits `1.5ms` off `1.5ms20us`.
fn take_part(text: &str) -> Option<(Duration, &str)> {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let number_end = text.find(|letter| !is_number(letter))?;
    let (number, rest) = text.split_at(number_end);
    let unit_end = rest.find(is_number).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let seconds = match unit {
        "ns" => 1e-9,
        // The micro sign and the Greek letter look the same.
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    let part = Duration::try_from_secs_f64(number * seconds).ok()?;
    Some((part, rest))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{prop_assert_eq, proptest};
    use rstest::rstest;

    use super::parse_duration;

    #[rstest]
    #[case("1.5ms", Duration::from_micros(1_500))]
    #[case("100us", Duration::from_micros(100))]
    #[case("100µs", Duration::from_micros(100))]
    #[case("7ns", Duration::from_nanos(7))]
    #[case("1h30m", Duration::from_mins(90))]
    #[case("2d", Duration::from_hours(48))]
    #[case(" .5s ", Duration::from_millis(500))]
    #[case("0s", Duration::ZERO)]
    #[case("0", Duration::ZERO)]
    fn reads_what_go_writes(#[case] text: &str, #[case] expected: Duration) {
        assert_eq!(parse_duration(text), Some(expected));
    }

    #[rstest]
    #[case("", "nothing")]
    #[case("5", "no unit")]
    #[case("ms", "no number")]
    #[case("-1ms", "negative")]
    #[case("1.2.3s", "two points")]
    #[case("1 s", "a space inside")]
    #[case("1fortnight", "an unknown unit")]
    #[case("1e3s", "an exponent")]
    #[case("999999999999d", "does not fit")]
    #[case("infs", "not a number with digits")]
    fn refuses_the_rest(#[case] text: &str, #[case] reason: &str) {
        assert_eq!(parse_duration(text), None, "{reason}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            parse_duration(&text);
        }

        #[test]
        fn text_of_units_and_digits_is_read_or_refused(text in "([0-9.]{0,4}(ns|us|ms|m|h|d)?){0,5}") {
            parse_duration(&text);
        }

        #[test]
        fn whole_numbers_are_exact(hours in 0_u64..10_000, minutes in 0_u64..60, nanos in 0_u32..1_000_000) {
            let text = format!("{hours}h{minutes}m{nanos}ns");
            let expected = Duration::new(hours * 3_600 + minutes * 60, nanos);
            prop_assert_eq!(parse_duration(&text), Some(expected));
        }
    }
}
