//! The envelope of every answer.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::parameters::BadParameter;
use crate::traces::model::TraceId;

/// `{"data": …, "total": …, "limit": 0, "offset": 0, "errors": null}`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply<T> {
    pub(crate) data: Option<Vec<T>>,
    total: usize,
    /// Always zero: the UI does not page.
    limit: usize,
    offset: usize,
    errors: Option<Vec<ErrorReply>>,
}

/// What went wrong, in Jaeger's shape.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorReply {
    code: u16,
    msg: String,
    #[serde(rename = "traceID", skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// An answer without data.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
}

impl<T> Reply<T> {
    pub(crate) fn new(data: Vec<T>) -> Self {
        Self {
            total: data.len(),
            data: Some(data),
            limit: 0,
            offset: 0,
            errors: None,
        }
    }

    /// With an error for each trace that was asked for by its id and is not in the store, and why.
    pub(crate) fn missing(mut self, ids: &[(TraceId, &str)]) -> Self {
        let error = |(id, why): &(TraceId, &str)| ErrorReply {
            code: StatusCode::NOT_FOUND.as_u16(),
            msg: (*why).to_owned(),
            trace_id: Some(id.to_string()),
        };
        self.errors = (!ids.is_empty()).then(|| ids.iter().map(error).collect());
        self
    }

    /// With an error that concerns a part of the request; the data are the rest.
    pub(crate) fn partial(mut self, error: Option<String>) -> Self {
        self.errors = error.map(|msg| {
            vec![ErrorReply {
                code: StatusCode::BAD_REQUEST.as_u16(),
                msg,
                trace_id: None,
            }]
        });
        self
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl Failure {
    pub(crate) fn not_found(message: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            message: message.to_owned(),
        }
    }

    pub(crate) fn internal(message: &str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: message.to_owned(),
        }
    }

    pub(crate) fn bad_request(message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message,
        }
    }
}

impl From<BadParameter> for Failure {
    fn from(reason: BadParameter) -> Self {
        Self::bad_request(reason.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let reply = Reply::<()> {
            data: None,
            total: 0,
            limit: 0,
            offset: 0,
            errors: Some(vec![ErrorReply {
                code: self.status.as_u16(),
                msg: self.message,
                trace_id: None,
            }]),
        };
        (self.status, Json(reply)).into_response()
    }
}
