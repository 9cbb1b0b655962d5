//! The envelope of every answer.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::metrics::{promql::EvalError, tsdb::BudgetError};

/// `{"status": "success", "data": …}`
#[derive(Debug)]
pub(super) struct Reply<T>(pub(super) T);

/// `{"status": "error", "errorType": …, "error": …}`
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Failure {
    /// The request is wrong.
    pub(super) fn bad_data(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "bad_data",
            message: message.into(),
        }
    }

    /// A parameter is wrong, for this reason.
    pub(super) fn parameter(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter {name:?}: {reason}"))
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            kind: "not_found",
            message: message.to_owned(),
        }
    }

    /// A bug of this program, such as a panic.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "internal",
            message: message.into(),
        }
    }
}

impl From<EvalError> for Failure {
    fn from(error: EvalError) -> Self {
        let (status, kind) = match error {
            EvalError::Execution(_) | EvalError::Budget(BudgetError::TooManySamples) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "execution")
            }
            EvalError::Budget(BudgetError::Timeout) => (StatusCode::SERVICE_UNAVAILABLE, "timeout"),
        };
        Self {
            status,
            kind,
            message: error.to_string(),
        }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Envelope<T> {
            status: &'static str,
            data: T,
        }
        Json(Envelope {
            status: "success",
            data: self.0,
        })
        .into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "status": "error", "errorType": self.kind, "error": self.message });
        (self.status, Json(body)).into_response()
    }
}
