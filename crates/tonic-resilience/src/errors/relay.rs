use std::time::Duration;

use tonic::{Code, Status};

use super::ErrorReply;

/// How long a caller should wait when the next hop is gone.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The status of a call to the next hop, as the caller may see it.
///
/// A status with details was written for callers: its code, message and details are passed on. Its
/// metadata is not, as it belongs to that hop's connection. A status without details comes from the
/// library or the network: only its code is passed on, as its message may name addresses.
#[must_use]
pub fn relay(mut status: Status, hop: &'static str) -> Status {
    if !status.details().is_empty() {
        status.metadata_mut().clear();
        return status;
    }
    let code = status.code();
    let (reason, message) = match code {
        Code::Unavailable => ("HOP_UNAVAILABLE", "is unavailable"),
        Code::DeadlineExceeded => ("HOP_TIMED_OUT", "did not answer in time"),
        Code::Cancelled => ("HOP_CANCELLED", "cancelled the call"),
        _ => ("HOP_FAILED", "failed"),
    };
    let reply =
        ErrorReply::new(code, reason, format!("the {hop} service {message}")).metadata("hop", hop);
    if code == Code::Unavailable {
        return reply.retry_after(RETRY_AFTER).into_status();
    }
    reply.into_status()
}

#[cfg(test)]
mod tests {
    use tonic::metadata::MetadataValue;
    use tonic_types::StatusExt as _;

    use super::*;

    #[test]
    fn what_was_written_for_callers_goes_on_without_metadata() {
        let mut status =
            ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", "no such user").into_status();
        let secret = MetadataValue::from_static("internal");
        status.metadata_mut().insert("x-upstream", secret);

        let relayed = relay(status.clone(), "user");

        assert_eq!(relayed.code(), Code::NotFound);
        assert_eq!(relayed.message(), "no such user");
        assert_eq!(relayed.details(), status.details());
        assert!(relayed.metadata().is_empty());
    }

    #[test]
    fn an_address_in_a_message_of_the_network_stays_inside() {
        let status = Status::unavailable("tcp connect error: 10.0.0.7:50052 refused");

        let relayed = relay(status, "user");

        assert_eq!(relayed.code(), Code::Unavailable);
        assert_eq!(relayed.message(), "the user service is unavailable");
        let details = relayed.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(info.reason, "HOP_UNAVAILABLE");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(RETRY_AFTER));
    }
}
