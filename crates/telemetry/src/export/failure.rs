use std::time::Duration;

use tonic::Code;

use super::Outcome;
use crate::rpc::code_name;

/// Nobody answered.
pub(super) const UNREACHABLE: Outcome = Outcome::Unavailable {
    reason: "UNAVAILABLE",
    wait: None,
};

/// Tells transient failures from final ones, by the table of [OTLP's failures][failures].
///
/// `wait` is how long the collector asked to be left alone.
///
/// [failures]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#failures
pub(super) fn outcome_of(code: Code, wait: Option<Duration>) -> Outcome {
    let reason = code_name(code);
    match code {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Outcome::Unavailable { reason, wait },
        // Retryable only where the collector says when it will have recovered.
        Code::ResourceExhausted if wait.is_some() => Outcome::Unavailable { reason, wait },
        _ => Outcome::Refused { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_transient_failures_are_tried_again() {
        let retried = [1, 4, 10, 11, 14, 15];
        for code in 1..17 {
            let outcome = outcome_of(Code::from(code), None);
            let transient = matches!(outcome, Outcome::Unavailable { .. });
            assert_eq!(transient, retried.contains(&code), "{:?}", Code::from(code));
        }
    }

    #[test]
    fn exhausted_collector_is_tried_again_when_it_says_when() {
        let wait = Some(Duration::from_secs(3));
        let expected = Outcome::Unavailable {
            reason: "RESOURCE_EXHAUSTED",
            wait,
        };
        assert_eq!(outcome_of(Code::ResourceExhausted, wait), expected);
    }
}
