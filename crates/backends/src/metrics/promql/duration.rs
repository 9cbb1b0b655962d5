/// Each unit with its milliseconds, the longest first, as they have to come in a text.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// The longest duration: 292 years, as in Prometheus. Sums with a moment stay far from overflow.
pub(super) const MAX_MS: i64 = 9_223_372_036_854;

/// Milliseconds of `5m`, `1h30m` or `250ms`; `None` for anything else, and for what is too long.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let end = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        // The iterator goes on from the last unit, so a unit cannot come twice or too late.
        let (_, ms) = units.find(|(unit, _)| *unit == &after[..end])?;
        total = total.checked_add(number.checked_mul(*ms)?)?;
        rest = &after[end..];
    }
    (!text.is_empty() && total <= MAX_MS).then_some(total)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::parse_duration;

    #[rstest]
    #[case("5m", Some(300_000))]
    #[case("1h30m", Some(5_400_000))]
    #[case("250ms", Some(250))]
    #[case("1d2h3m4s5ms", Some(93_784_005))]
    #[case("0s", Some(0))]
    #[case("5", None)]
    #[case("m", None)]
    #[case("", None)]
    #[case("1s1h", None)]
    #[case("1s1s", None)]
    #[case("99999999999y", None)]
    #[case("300y", None)]
    #[case("5µ", None)]
    fn a_duration_is_numbers_with_units(#[case] text: &str, #[case] ms: Option<i64>) {
        assert_eq!(parse_duration(text), ms);
    }
}
