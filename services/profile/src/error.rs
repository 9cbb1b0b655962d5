use std::time::Duration;

use database::QueryError;
use proto::limits::Violations;
use tonic::{Code, Status};
use tonic_resilience::errors::ErrorReply;

/// How long a caller should wait when the database is unavailable.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the user id is malformed")]
    InvalidUserId(#[source] Violations),
    #[error("the profile breaks a limit")]
    InvalidProfile(#[source] Violations),
    #[error("the watch breaks a limit")]
    InvalidWatch(#[source] Violations),
    #[error("the events break a limit")]
    InvalidEvents(#[source] Violations),
    #[error("there is no profile of user {user_id}")]
    UnknownUser { user_id: String },
    #[error(transparent)]
    Database(#[from] QueryError),
}

/// What callers see. The database's own words stay in the log: they may hold values.
impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::InvalidUserId(broken) => invalid("INVALID_USER_ID", message, &broken),
            Error::InvalidProfile(broken) => invalid("INVALID_PROFILE", message, &broken),
            Error::InvalidWatch(broken) => invalid("INVALID_WATCH", message, &broken),
            Error::InvalidEvents(broken) => invalid("INVALID_EVENTS", message, &broken),
            Error::UnknownUser { user_id } => {
                ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", message)
                    .metadata("user_id", user_id)
            }
            Error::Database(error) => database(&error),
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
            ErrorReply::new(Code::Internal, "INTERNAL", "internal error")
        }
    }
}
