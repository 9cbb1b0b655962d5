use proto::limits::Violations;
use tonic::{Code, Status};
use tonic_resilience::errors::ErrorReply;

/// Why a request is invalid; found here, it costs no further call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("the user id is malformed")]
    UserId(#[source] Violations),
    #[error("the user breaks a limit")]
    User(#[source] Violations),
    #[error("the watch breaks a limit")]
    Watch(#[source] Violations),
    #[error("the idempotency key breaks a limit")]
    IdempotencyKey(#[source] Violations),
}

impl From<Invalid> for Status {
    fn from(invalid: Invalid) -> Self {
        let message = invalid.to_string();
        let (reason, broken) = match invalid {
            Invalid::UserId(broken) => ("INVALID_USER_ID", broken),
            Invalid::User(broken) => ("INVALID_USER", broken),
            Invalid::Watch(broken) => ("INVALID_WATCH", broken),
            Invalid::IdempotencyKey(broken) => ("INVALID_IDEMPOTENCY_KEY", broken),
        };
        let reply = ErrorReply::new(Code::InvalidArgument, reason, message);
        let reply = broken.iter().fold(reply, |reply, violation| {
            reply.violation(violation.field, violation.rule.as_str())
        });
        reply.into_status()
    }
}
