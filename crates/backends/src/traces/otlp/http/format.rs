//! The two formats of exports and answers.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use prost::Message;
use serde_json::Value;

use super::header_text;

/// The format of an export, and so of its answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    Protobuf,
    Json,
}

impl Format {
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = header_text(headers, header::CONTENT_TYPE);
        let kind = value.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// `message` or `json`, which say the same.
    pub(super) fn answer(
        self,
        status: StatusCode,
        message: &impl Message,
        json: &Value,
    ) -> Response {
        let (kind, body) = match self {
            Self::Protobuf => ("application/x-protobuf", message.encode_to_vec()),
            Self::Json => ("application/json", json.to_string().into_bytes()),
        };
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (status, kind, body).into_response()
    }
}
