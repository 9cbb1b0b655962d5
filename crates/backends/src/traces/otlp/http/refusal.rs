//! Why an export is refused, and what its sender reads.

use axum::{http::StatusCode, response::Response};
use serde_json::json;

use super::format::Format;
use crate::traces::{
    otlp::{endpoint::MAX_EXPORT_BYTES, json::BadJson},
    store::Reason,
};

/// Why an export is refused as a whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "expected the content-type \"application/x-protobuf\" or \"application/json\", found {0:?}"
    )]
    ContentType(String),
    #[error("expected the content-encoding \"gzip\" or none, found {0:?}")]
    Encoding(String),
    #[error("an export has at most {} MiB, also unpacked", MAX_EXPORT_BYTES >> 20)]
    TooLarge,
    #[error("cannot read the export: {0}")]
    Malformed(String),
}

impl From<prost::DecodeError> for Refusal {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<BadJson> for Refusal {
    fn from(error: BadJson) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl Refusal {
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::ContentType(_) | Self::Encoding(_) => Reason::UnsupportedMediaType,
            Self::TooLarge => Reason::TooLarge,
            Self::Malformed(_) => Reason::Malformed,
        }
    }

    pub(super) fn answer(&self, format: Format) -> Response {
        let (status, code) = match self {
            Self::ContentType(_) | Self::Encoding(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                tonic::Code::InvalidArgument,
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                tonic::Code::ResourceExhausted,
            ),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, tonic::Code::InvalidArgument),
        };
        let message = RpcStatus {
            code: code.into(),
            message: self.to_string(),
        };
        let json = json!({ "code": message.code, "message": message.message });
        format.answer(status, &message, &json)
    }
}

/// `google.rpc.Status` without details.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}
