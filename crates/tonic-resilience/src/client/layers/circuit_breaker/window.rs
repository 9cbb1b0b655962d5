use std::time::Duration;

use tokio::time::Instant;

/// How finely the window slides.
const BUCKETS: u32 = 10;

/// Counts the calls and failures within a sliding window: a ring of buckets of time.
///
/// Old buckets are dropped one by one; the memory is the same at any rate of calls.
#[derive(Clone, Debug)]
pub(super) struct Window {
    span: Duration,
    start: Instant,
    /// The number of the latest bucket since `start`.
    latest: u32,
    ring: [Counts; BUCKETS as usize],
}

/// Calls that ended, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) calls: u32,
    pub(super) failures: u32,
}

impl Window {
    pub(super) fn new(span: Duration, now: Instant) -> Self {
        Self {
            span,
            start: now,
            latest: 0,
            ring: [Counts::default(); BUCKETS as usize],
        }
    }

    /// Adds a call that ended, and returns the counts of the window.
    pub(super) fn add(&mut self, failed: bool, now: Instant) -> Counts {
        self.slide_to(now);
        let latest = &mut self.ring[(self.latest % BUCKETS) as usize];
        latest.calls += 1;
        latest.failures += u32::from(failed);
        self.ring
            .iter()
            .fold(Counts::default(), |sum, bucket| Counts {
                calls: sum.calls + bucket.calls,
                failures: sum.failures + bucket.failures,
            })
    }

    fn slide_to(&mut self, now: Instant) {
        let width = (self.span / BUCKETS).as_nanos().max(1);
        let passed = now.saturating_duration_since(self.start).as_nanos() / width;
        let number = u32::try_from(passed).unwrap_or(u32::MAX);
        let stale = number.saturating_sub(self.latest).min(BUCKETS);
        for back in 0..stale {
            self.ring[((number - back) % BUCKETS) as usize] = Counts::default();
        }
        self.latest = self.latest.max(number);
    }
}
