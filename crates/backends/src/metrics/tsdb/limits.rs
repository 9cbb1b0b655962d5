use std::time::Duration;

/// How much is kept at most.
#[derive(Clone, Copy, Debug)]
pub struct SampleLimits {
    /// How long a sample is kept; one hour.
    pub retention: Duration,
    /// How many series there may be; 20,000. Beyond them, new ones are refused.
    pub series: usize,
    /// About how many bytes they may take; 48 MiB. Beyond them, the oldest samples go early.
    pub bytes: usize,
}

impl Default for SampleLimits {
    fn default() -> Self {
        Self {
            retention: Duration::from_hours(1),
            series: 20_000,
            bytes: 48 * 1024 * 1024,
        }
    }
}
