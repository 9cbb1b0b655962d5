use std::time::Duration;

use database::QueryError;
use proto::limits::Violations;
use tonic::{Code, Status};
use tonic_resilience::errors::{ErrorReply, relay};

/// How long a caller should wait when the database is unavailable.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the user id is malformed")]
    InvalidUserId(#[source] Violations),
    #[error("the user breaks a limit")]
    InvalidUser(#[source] Violations),
    #[error("the watch breaks a limit")]
    InvalidWatch(#[source] Violations),
    #[error("the idempotency key breaks a limit")]
    InvalidIdempotencyKey(#[source] Violations),
    #[error("there is no user {user_id}")]
    UnknownUser { user_id: String },
    #[error("the e-mail address is taken")]
    EmailTaken,
    #[error("the idempotency key came before with another payload")]
    IdempotencyKeyReused,
    #[error(transparent)]
    Database(#[from] QueryError),
    #[error("the profile service answered {:?}", .0.code())]
    Profile(#[source] Status),
    #[error("the profile service broke its contract: {broken}")]
    ProfileContract { broken: &'static str },
}

/// What callers see. The words of the database and of the network stay in the log.
impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::InvalidUserId(broken) => invalid("INVALID_USER_ID", message, &broken),
            Error::InvalidUser(broken) => invalid("INVALID_USER", message, &broken),
            Error::InvalidWatch(broken) => invalid("INVALID_WATCH", message, &broken),
            Error::InvalidIdempotencyKey(broken) => {
                invalid("INVALID_IDEMPOTENCY_KEY", message, &broken)
            }
            Error::UnknownUser { user_id } => {
                ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", message)
                    .metadata("user_id", user_id)
            }
            Error::EmailTaken => ErrorReply::new(Code::AlreadyExists, "EMAIL_TAKEN", message),
            Error::IdempotencyKeyReused => {
                ErrorReply::new(Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED", message)
            }
            Error::Database(error) => database(&error),
            Error::Profile(status) => return relay(status, "profile"),
            Error::ProfileContract { .. } => {
                tracing::error!("{message}");
                internal()
            }
        }
        .into_status()
    }
}

fn invalid(reason: &'static str, message: String, broken: &Violations) -> ErrorReply {
    let reply = ErrorReply::new(Code::InvalidArgument, reason, message);
    broken.iter().fold(reply, |reply, violation| {
        reply.violation(violation.field, violation.rule.as_str())
    })
}

fn database(error: &QueryError) -> ErrorReply {
    match error {
        QueryError::Unavailable(cause) => {
            tracing::warn!(%cause, "{error}");
            ErrorReply::new(Code::Unavailable, "DATABASE_UNAVAILABLE", error.to_string())
                .retry_after(RETRY_AFTER)
        }
        QueryError::Refused(cause) => {
            tracing::error!(%cause, "{error}");
            internal()
        }
    }
}

fn internal() -> ErrorReply {
    ErrorReply::new(Code::Internal, "INTERNAL", "internal error")
}
