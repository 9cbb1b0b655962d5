use std::time::SystemTime;

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use prost_types::Timestamp;
use serde_json::{Value, json};
use telemetry::rpc::code_name;
use tonic::{Code, Status};
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

impl HttpError {
    /// Says something more exact than the code of the status can.
    pub(super) fn with_http_status(mut self, http_status: StatusCode) -> Self {
        self.http_status = http_status;
        self
    }
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

impl From<JsonRejection> for HttpError {
    fn from(rejection: JsonRejection) -> Self {
        Self::from(Status::invalid_argument(rejection.body_text()))
            .with_http_status(rejection.status())
    }
}

impl From<PathRejection> for HttpError {
    fn from(rejection: PathRejection) -> Self {
        Self::from(Status::invalid_argument(rejection.body_text()))
            .with_http_status(rejection.status())
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut headers = metadata::passed_out(self.status.metadata());
        let details = self.status.get_error_details();
        if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
            let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let trace_id = headers
            .get("x-trace-id")
            .and_then(|value| value.to_str().ok());
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
    [info, request, retry].into_iter().flatten().collect()
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
