use std::{error::Error, time::SystemTime};

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use grpc_wire::code_name;
use listener::BodyTimeout;
use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_resilience::errors::ErrorReply;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::metadata;

/// A gRPC status as an HTTP answer.
///
/// `{"error":{"code","message","details","timestamp","trace_id"}}`, where `details` are those of
/// google.rpc in the JSON form that [AIP-193](https://google.aip.dev/193) shows.
pub(super) struct HttpError {
    status: Status,
    http_status: StatusCode,
}

impl From<Status> for HttpError {
    fn from(status: Status) -> Self {
        let http_status = http_status(status.code());
        Self {
            status,
            http_status,
        }
    }
}

/// A refusal of the listener itself: no rpc was called.
///
/// The trace id is the caller's, or a new one, and this log line has it.
pub(super) fn refuse(http_status: StatusCode, reply: ErrorReply) -> HttpError {
    let status = reply.domain(proto::NAMES.domain).into_status();
    // Not the message, which may quote the body.
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    tracing::info!(%http_status, reason, "http request refused");
    HttpError {
        status,
        http_status,
    }
}

impl From<JsonRejection> for HttpError {
    fn from(rejection: JsonRejection) -> Self {
        let (code, http_status) = match rejection.status() {
            _ if is_late(&rejection) => (Code::DeadlineExceeded, StatusCode::REQUEST_TIMEOUT),
            status @ StatusCode::PAYLOAD_TOO_LARGE => (Code::ResourceExhausted, status),
            status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => (Code::InvalidArgument, status),
            // Not 422, as axum has it for JSON of another shape: a field that is missing and a
            // field that is too long are the same error to the caller.
            _ => (Code::InvalidArgument, StatusCode::BAD_REQUEST),
        };
        let message = rejection.body_text();
        let reply = ErrorReply::new(code, "INVALID_BODY", &message);
        refuse(
            http_status,
            match field_at_fault(&rejection, &message) {
                Some((field, rule)) => reply.violation(format!("user.{field}"), rule),
                None => reply,
            },
        )
    }
}

/// Whether the body did not come in time.
fn is_late(rejection: &JsonRejection) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(rejection);
    while let Some(error) = cause {
        if error.is::<BodyTimeout>() {
            return true;
        }
        cause = error.source();
    }
    false
}

impl From<PathRejection> for HttpError {
    fn from(rejection: PathRejection) -> Self {
        let message = rejection.body_text();
        let reply = ErrorReply::new(Code::InvalidArgument, "INVALID_PATH", &message);
        refuse(rejection.status(), reply.violation("user_id", message))
    }
}

/// The field of a body of another shape, and what is wrong with it.
///
/// serde names a field that is missing, unknown or there twice in backticks, and axum puts the path of another
/// before its text: `name: invalid type: integer `1`, expected a string at line 1 column 10`.
fn field_at_fault<'a>(rejection: &JsonRejection, message: &'a str) -> Option<(&'a str, &'a str)> {
    let JsonRejection::JsonDataError(_) = rejection else {
        return None;
    };
    let (_, rule) = message.split_once(": ")?;
    for named in ["missing field `", "unknown field `", "duplicate field `"] {
        if let Some((_, after)) = rule.split_once(named) {
            return Some((after.split_once('`')?.0, rule));
        }
    }
    let (field, rule) = rule.split_once(": ")?;
    (!field.contains(' ')).then_some((field, rule))
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut headers = metadata::passed_out(self.status.metadata());
        let details = self.status.get_error_details();
        if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
            let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let announced = headers
            .get("x-trace-id")
            .and_then(|value| value.to_str().ok());
        let request = details.request_info().map(|info| info.request_id.as_str());
        let trace_id = announced.or(request);
        let body = json!({"error": {
            "code": code_name(self.status.code()),
            "message": self.status.message(),
            "details": shown(&details),
            "timestamp": Timestamp::from(SystemTime::now()).to_string(),
            "trace_id": trace_id,
        }});
        (self.http_status, headers, Json(body)).into_response()
    }
}

/// The details, each with its type.
fn shown(details: &ErrorDetails) -> Vec<Value> {
    let info = details.error_info().map(|info| {
        json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason, "domain": info.domain, "metadata": info.metadata})
    });
    let request = details.bad_request().map(|request| {
        let violations = request.field_violations.iter();
        let violations: Vec<_> = violations
            .map(
                |violation| json!({"field": violation.field, "description": violation.description}),
            )
            .collect();
        json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    });
    let retry = details
        .retry_info()
        .and_then(|info| info.retry_delay)
        .map(|delay| {
            json!({"@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", delay.as_secs_f64())})
        });
    let call = details.request_info().map(|call| {
        json!({"@type": "type.googleapis.com/google.rpc.RequestInfo",
            "requestId": call.request_id, "servingData": call.serving_data})
    });
    [info, request, retry, call].into_iter().flatten().collect()
}

/// The HTTP status that belongs to a gRPC code.
///
/// Spec: [`google.rpc.Code`](https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto),
/// the comment at each value.
fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        // "Client Closed Request": not registered, but the one that google.rpc names.
        Code::Cancelled => StatusCode::from_u16(499).expect("499 is in the range of statuses"),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
    }
}
