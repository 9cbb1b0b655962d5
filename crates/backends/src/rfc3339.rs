//! Moments as text: `2026-01-01T00:00:00.000Z`.

use std::time::UNIX_EPOCH;

/// The nanoseconds from 1970 to a moment in RFC 3339.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0),
        None => split_offset(text)?,
    };
    let time = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let since = i128::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()?;
    Some(since - i128::from(offset) * 1_000_000)
}

/// A time without its zone, and how far the clocks there are ahead, in milliseconds: `+02:00`.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    let (local, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = |text: &str, below: i64| -> Option<i64> {
        let is_plain = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_plain)?;
        (number < below).then_some(number)
    };
    let (hours, minutes) = (digits(hours, 24)?, digits(minutes, 60)?);
    Some((local, sign * (hours * 60 + minutes) * 60_000))
}
