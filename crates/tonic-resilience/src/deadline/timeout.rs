use std::time::Duration;

use http::{HeaderName, HeaderValue};

/// The header with the time that a caller waits.
pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The value is not 1 to 8 digits and one of the units `H`, `M`, `S`, `m`, `u`, `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n")]
pub struct InvalidTimeout;

/// The largest number that the header may have: eight digits.
const MAX_NUMBER: u128 = 99_999_999;

/// Reads a `grpc-timeout`.
///
/// # Errors
///
/// [`InvalidTimeout`] for all that the grammar does not allow: signs, spaces, a ninth digit.
pub fn parse_timeout(value: &HeaderValue) -> Result<Duration, InvalidTimeout> {
    let (unit, digits) = value.as_bytes().split_last().ok_or(InvalidTimeout)?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(InvalidTimeout);
    }
    let number = digits
        .iter()
        .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Ok(Duration::from_secs(number * 3600)),
        b'M' => Ok(Duration::from_secs(number * 60)),
        b'S' => Ok(Duration::from_secs(number)),
        b'm' => Ok(Duration::from_millis(number)),
        b'u' => Ok(Duration::from_micros(number)),
        b'n' => Ok(Duration::from_nanos(number)),
        _ => Err(InvalidTimeout),
    }
}

/// Writes a `grpc-timeout` in the finest unit that holds it, rounded down.
///
/// Down, so that the next hop never has more time than this one. HTTP/2 does not remember the value,
/// which is another one for each call: its table would be searched in vain.
///
/// # Panics
///
/// Never: digits and a letter make a header value.
#[must_use]
pub fn format_timeout(timeout: Duration) -> HeaderValue {
    let units = [
        (timeout.as_nanos(), 'n'),
        (timeout.as_micros(), 'u'),
        (timeout.as_millis(), 'm'),
        (timeout.as_secs().into(), 'S'),
        (u128::from(timeout.as_secs() / 60), 'M'),
    ];
    let (number, unit) = units
        .into_iter()
        .find(|(number, _)| *number <= MAX_NUMBER)
        .unwrap_or((u128::from(timeout.as_secs() / 3600).min(MAX_NUMBER), 'H'));
    let mut value = HeaderValue::try_from(format!("{number}{unit}"))
        .expect("digits and a letter are visible ASCII");
    value.set_sensitive(true);
    value
}
