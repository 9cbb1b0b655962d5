use tonic::Code;

/// All status codes, at the index that is their number.
pub const CODES: [Code; 17] = [
    Code::Ok,
    Code::Cancelled,
    Code::Unknown,
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::NotFound,
    Code::AlreadyExists,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::FailedPrecondition,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::Internal,
    Code::Unavailable,
    Code::DataLoss,
    Code::Unauthenticated,
];

/// One of the two sides of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The side that makes the call.
    Client,
    /// The side that answers the call.
    Server,
}

/// The canonical name of a status code: `DEADLINE_EXCEEDED`, not `DeadlineExceeded`.
#[must_use]
pub const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The status code of a canonical name; `None` for any other text.
#[must_use]
pub fn code_named(name: &str) -> Option<Code> {
    CODES.into_iter().find(|code| code_name(*code) == name)
}

/// Whether a call with this code counts as an error on one side.
///
/// On the client every code but OK is an error. On the server only the codes that report a fault of
/// the server are errors; `NOT_FOUND` reports a mistake of the caller.
/// Spec: [gRPC status][spec] (semantic conventions v1.44.0).
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/grpc.md
#[must_use]
pub const fn is_error(side: Side, code: Code) -> bool {
    match side {
        Side::Client => !matches!(code, Code::Ok),
        Side::Server => matches!(
            code,
            Code::Unknown
                | Code::DeadlineExceeded
                | Code::Unimplemented
                | Code::Internal
                | Code::Unavailable
                | Code::DataLoss
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{CODES, code_name, code_named};

    #[test]
    fn each_code_has_a_name_and_is_found_by_it() {
        for (number, code) in CODES.into_iter().enumerate() {
            assert_eq!(code as usize, number);
            assert_eq!(code_named(code_name(code)), Some(code));
        }
        for name in ["", "ok", "NotFound", "NOT_FOUND "] {
            assert_eq!(code_named(name), None, "{name:?}");
        }
    }
}
