//! The time of a line.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::time::{Duration, UNIX_EPOCH};

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// What stands before the fraction of a second, as `2026-11-30T08:00:00.`, in bytes.
const SECOND: usize = 20;

/// Now, as RFC 3339 to the microsecond.
///
/// Date and time cost more than the rest of a line, so a thread keeps those of the last second.
pub(super) fn now() -> Result<String, fmt::Error> {
    thread_local! {
        static LAST: RefCell<Option<(u64, String)>> = const { RefCell::new(None) };
    }
    let now = since_epoch();
    LAST.with_borrow_mut(|last| {
        let mut text = String::with_capacity(32);
        if let Some((second, before)) = last
            && *second == now.as_secs()
        {
            put(&mut text, before, now)?;
            return Ok(text);
        }
        SystemTime.format_time(&mut Writer::new(&mut text))?;
        // It read the clock again, maybe in the next second.
        let same = since_epoch().as_secs() == now.as_secs();
        let before = text.get(..SECOND).filter(|_| same);
        *last = before.map(|before| (now.as_secs(), before.to_owned()));
        Ok(text)
    })
}

fn put(text: &mut String, before: &str, now: Duration) -> fmt::Result {
    write!(text, "{before}{:06}Z", now.subsec_micros())
}

fn since_epoch() -> Duration {
    let now = std::time::SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_of_a_second_and_the_next_have_one_form() {
        for _ in 0..3 {
            let time = now().expect("a time");
            let form = time.replace(|it: char| it.is_ascii_digit(), "0");
            assert_eq!(form, "0000-00-00T00:00:00.000000Z", "{time}");
        }
        let mut early = String::new();
        let now = Duration::from_micros(1_000_007);
        put(&mut early, "1970-01-01T00:00:01.", now).expect("a time");
        assert_eq!(early, "1970-01-01T00:00:01.000007Z");
    }
}
