//! An answer without what an unreachable server would have added, instead of no answer.
//!
//! The handler decides what it can do without: it asks [`is_out_of_reach`] of the next hop's
//! refusal, answers with what it has, and says so by [`degraded`]. What the next hop refuses for a
//! reason of its own is no case for a fallback, and neither is a deadline that the caller chose:
//! nobody waits for the answer any more.
//!
//! Visible as the span attribute `tracewalk.degraded` and a warning in the log.

#[cfg(test)]
mod tests;

use tonic::{Code, Status};

use crate::{deadline::Deadline, span};

/// Whether a call failed because its server cannot be reached, or was too slow for this process.
///
/// That is `UNAVAILABLE`, from the network, the balancer or a breaker that is open, and
/// `DEADLINE_EXCEEDED` while the call that is being served still has time.
#[must_use]
pub fn is_out_of_reach(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::DeadlineExceeded => !Deadline::current().is_some_and(Deadline::is_near),
        _ => false,
    }
}

/// Says in the span and in the log that the answer lacks `missing`.
pub fn degraded(missing: &'static str) {
    span::attribute("tracewalk.degraded", true);
    tracing::warn!(missing, "the answer is degraded");
}
