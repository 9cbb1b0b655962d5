//! Moments, as numbers and as text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last millisecond that RFC 3339 has a text for: the end of the year 9999.
pub(crate) const LAST_MILLISECOND: u64 = 253_402_300_799_999;

/// The time since 1970; zero on a clock that is before.
pub(crate) fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default()
}

/// `2026-01-01T00:00:00.000Z`, of milliseconds since 1970.
pub(crate) fn format_rfc3339(ms: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(ms.min(LAST_MILLISECOND));
    humantime::format_rfc3339_millis(time).to_string()
}

/// The nanoseconds from 1970 to a moment in RFC 3339.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i128> {
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0),
        None => split_offset(text)?,
    };
    let time = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let since = i128::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()?;
    Some(since - i128::from(offset) * 1_000_000)
}

/// A time without its zone, and the offset of the zone (`+02:00`) in milliseconds.
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
