use std::time::Duration;

use http::HeaderMap;
use rand::Rng;

use super::RetryPolicy;

/// What the server says of another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushback {
    /// Nothing: the client decides.
    None,
    /// Not before this time.
    After(Duration),
    /// Not at all.
    Never,
}

/// Reads `grpc-retry-pushback-ms`: what is negative or no number means never.
pub(super) fn pushback(headers: &HeaderMap) -> Pushback {
    let Some(value) = headers.get("grpc-retry-pushback-ms") else {
        return Pushback::None;
    };
    let milliseconds = value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<i32>().ok());
    match milliseconds.map(u64::try_from) {
        Some(Ok(milliseconds)) => Pushback::After(Duration::from_millis(milliseconds)),
        _ => Pushback::Never,
    }
}

/// The wait before retry number `retry`, from 1: doubled each time, times 0.8 to 1.2.
pub(super) fn backoff(policy: &RetryPolicy, retry: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(retry - 1);
    let wait = policy.initial_backoff.saturating_mul(doubled);
    let jitter = rand::rng().random_range(0.8..=1.2);
    wait.min(policy.max_backoff).mul_f64(jitter)
}
