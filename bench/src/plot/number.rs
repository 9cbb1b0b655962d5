//! Numbers for people.

/// Three digits, all of a whole number, with a comma before each three of them: `0.05`, `72.5`, `1,234`.
pub(crate) fn short(value: f64) -> String {
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is from 0 to 6"
    )]
    let text = format!("{value:.0$}", decimals as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut short = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            short.push(',');
        }
        short.push(digit);
    }
    match fraction.trim_end_matches('0') {
        "" => short,
        fraction => format!("{short}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_or_a_separator() {
        let shortened = [0.0, 0.05, 1.354, 9.999, 72.46, 999.6, 12_345.6, 1e6].map(short);
        let expected = [
            "0",
            "0.05",
            "1.35",
            "10",
            "72.5",
            "1,000",
            "12,346",
            "1,000,000",
        ];
        assert_eq!(shortened, expected);
    }
}
