//! An answer without data.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::traces::{jaeger::parameters::BadParameter, model::BadId};

/// `{"error": {"httpCode": 404, "message": "…"}}`
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    pub(super) fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            message: "no trace found".to_owned(),
        }
    }

    fn bad_request(reason: &impl ToString) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: reason.to_string(),
        }
    }
}

impl From<BadParameter> for Failure {
    fn from(reason: BadParameter) -> Self {
        Self::bad_request(&reason)
    }
}

impl From<BadId> for Failure {
    fn from(reason: BadId) -> Self {
        Self::bad_request(&reason)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = json!({ "httpCode": self.status.as_u16(), "message": self.message });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}
