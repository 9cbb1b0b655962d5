//! How long to wait before another attempt.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_millis(100);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(5);

/// The wait after this many failures in a row: 100 ms, doubled each time, 5 s at most; between half of
/// that and all of it, so that what failed together does not come again together.
pub(crate) fn wait(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    let whole = FIRST.saturating_mul(doubled).min(LONGEST);
    whole.mul_f64(0.5 + rand::random::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LONGEST, wait};

    #[test]
    fn waits_double_up_to_five_seconds() {
        for (failures, most) in [(0, FIRST), (1, FIRST), (3, 4 * FIRST), (100, LONGEST)] {
            let waited = wait(failures);
            assert!(
                waited >= most / 2 && waited <= most,
                "{failures}: {waited:?}"
            );
        }
    }
}
