//! An answer without the data of a server that cannot be reached, instead of no answer.
//!
//! The handler decides what it can leave out: when [`is_out_of_reach`] is true of the next hop's
//! error, it answers with what it has, and calls [`degraded`]. There is no fallback for other
//! errors of the next hop, nor for a deadline that the caller chose: nobody waits for that answer
//! any more.
//!
//! Visible as the span attribute [`degraded`](crate::names::Names::degraded) and a warning in the log.

use tonic::{Code, Status};

use crate::{deadline::Deadline, names::Names, span};

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
pub fn degraded(names: &Names, missing: &'static str) {
    span::attribute(names.degraded, true);
    tracing::warn!(missing, "the answer is degraded");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::{Code, Status};

    use super::is_out_of_reach;
    use crate::deadline::Deadline;

    fn out_of_reach(code: Code) -> bool {
        is_out_of_reach(&Status::new(code, ""))
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_the_server_itself_is_no_case_for_a_fallback() {
        assert!(out_of_reach(Code::Unavailable));
        for code in [
            Code::Cancelled,
            Code::Internal,
            Code::NotFound,
            Code::PermissionDenied,
            Code::ResourceExhausted,
            Code::Unauthenticated,
        ] {
            assert!(!out_of_reach(code), "{code:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_is_one_while_the_caller_still_waits() {
        assert!(out_of_reach(Code::DeadlineExceeded), "nobody set a time");
        let served = Deadline::after(Duration::from_millis(500));
        let timed_out = async { out_of_reach(Code::DeadlineExceeded) };
        assert!(served.scope(timed_out).await);
        tokio::time::advance(Duration::from_millis(490)).await;
        let timed_out = async { out_of_reach(Code::DeadlineExceeded) };
        assert!(!served.scope(timed_out).await);
    }
}
