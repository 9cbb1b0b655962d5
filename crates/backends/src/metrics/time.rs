//! Moments, in milliseconds since 1970.

use std::time::Duration;

use super::number::milliseconds;
use crate::time::{self, format_rfc3339, parse_rfc3339};

pub(crate) fn now() -> i64 {
    i64::try_from(time::now().as_millis()).unwrap_or(i64::MAX)
}

/// `2026-01-01T00:00:00.000Z`
pub(crate) fn rfc3339(moment: i64) -> String {
    format_rfc3339(moment.max(0).cast_unsigned())
}

/// Seconds since 1970, or RFC 3339.
pub(crate) fn parse_moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse() {
        return milliseconds(seconds);
    }
    i64::try_from(parse_rfc3339(text)? / 1_000_000).ok()
}

/// The times of the scrape rounds. A round that begins almost on time gets the exact time: samples
/// at even times take less room, and their rates do not jitter.
#[derive(Debug)]
pub(crate) struct Clock {
    interval: i64,
    last: i64,
}

impl Clock {
    pub(crate) fn new(interval: Duration) -> Self {
        let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        Self { interval, last: 0 }
    }

    /// The time of a round that begins now.
    pub(crate) fn tick(&mut self) -> i64 {
        self.round(now())
    }

    fn round(&mut self, now: i64) -> i64 {
        let expected = self.last.saturating_add(self.interval);
        let is_near = (now - expected).abs() <= self.interval / 40;
        self.last = if is_near { expected } else { now };
        self.last
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, parse_moment, rfc3339};

    #[test]
    fn rounds_that_are_nearly_even_are_even() {
        let mut clock = Clock::new(Duration::from_secs(2));
        let rounds = [10_000, 12_003, 13_990, 16_049, 19_000, 21_050, 1_000];
        let rounds = rounds.map(|now| clock.round(now));
        assert_eq!(
            rounds,
            [10_000, 12_000, 14_000, 16_000, 19_000, 21_000, 1_000]
        );
    }

    #[test]
    fn a_moment_is_seconds_or_a_date() {
        assert_eq!(parse_moment("1.5"), Some(1500));
        for date in [
            "1970-01-01T00:00:01.500Z",
            "1970-01-01T02:30:01.500+02:30",
            "1970-01-01T00:00:01.500-00:00",
        ] {
            assert_eq!(parse_moment(date), Some(1500), "{date}");
        }
        let west = parse_moment("2026-01-01T00:00:00-08:00");
        assert_eq!(west, parse_moment("2026-01-01T08:00:00Z"));
        for bad in [
            "",
            "now",
            "NaN",
            "Inf",
            "1e99",
            "1960-01-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+2:00",
            "2026-01-01T00:00:00+02:60",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00++1:00",
            "+01:00",
        ] {
            assert_eq!(parse_moment(bad), None, "{bad}");
        }
        assert_eq!(rfc3339(1500), "1970-01-01T00:00:01.500Z");
        assert_eq!(rfc3339(i64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
