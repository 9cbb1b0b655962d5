use std::{ops::RangeInclusive, time::Duration};

use super::Violations;

/// What a watch request asks for, with the defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// How many updates, 1 to 1000.
    pub updates: u32,
    /// The time between two, 10 ms to 60 s.
    pub interval: Duration,
}

/// Reads a watch request: 0 updates means 3, no interval means 200 ms.
///
/// # Errors
/// The [`Violations`], when there are any.
pub fn watch(
    user_id: &str,
    updates: u32,
    interval: Option<&prost_types::Duration>,
) -> Result<Watch, Violations> {
    let mut violations = match super::user_id(user_id) {
        Ok(()) => Violations::default(),
        Err(violations) => violations,
    };
    violations.expect(updates <= 1000, "updates", "expected 1 to 1000, or 0 for 3");
    let interval = interval.map_or(Some(DEFAULT_INTERVAL), read_interval);
    violations.expect(interval.is_some(), "interval", "expected 10 ms to 60 s");
    violations.into_result()?;
    Ok(Watch {
        updates: if updates == 0 { 3 } else { updates },
        interval: interval.unwrap_or(DEFAULT_INTERVAL),
    })
}

const DEFAULT_INTERVAL: Duration = Duration::from_millis(200);
const ALLOWED_INTERVAL: RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_mins(1);

/// `None` outside the limits, or when the parts of the duration are malformed.
///
/// By hand: `prost_types` panics at the most negative duration, and callers may send it.
fn read_interval(interval: &prost_types::Duration) -> Option<Duration> {
    let seconds = Duration::from_secs(interval.seconds.try_into().ok()?);
    let nanos = u32::try_from(interval.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    let interval = seconds.checked_add(Duration::from_nanos(nanos.into()))?;
    ALLOWED_INTERVAL.contains(&interval).then_some(interval)
}
