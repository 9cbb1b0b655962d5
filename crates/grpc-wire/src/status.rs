use std::borrow::Cow;

use http::{HeaderMap, HeaderName, StatusCode};
use percent_encoding::percent_decode;
use tonic::{Code, Status};

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// The code in `grpc-status`; `None` where there is none, as in the headers of a running call.
#[must_use]
pub fn status_code(headers: &HeaderMap) -> Option<Code> {
    // To look at each name is quicker than to hash this one: there are few, and mostly one.
    let (_, value) = headers.iter().find(|(name, _)| **name == GRPC_STATUS)?;
    Some(Code::from_bytes(value.as_bytes()))
}

/// What a call ends with: a code, and a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStatus {
    /// The gRPC status code.
    pub code: Code,
    /// The message of the side that failed; empty if it sent none.
    pub message: Cow<'static, str>,
}

impl CallStatus {
    /// A status that this process makes itself.
    #[must_use]
    pub const fn new(code: Code, message: &'static str) -> Self {
        Self {
            code,
            message: Cow::Borrowed(message),
        }
    }

    /// The status in trailers, or in the headers of a trailers-only response.
    ///
    /// `None` if there is no `grpc-status`. Reads the two fields it needs: `Status::from_header_map`
    /// copies the whole map and panics on malformed details.
    /// Spec: [Responses][spec].
    ///
    /// [spec]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let code = status_code(headers)?;
        let message = match headers.get(GRPC_MESSAGE) {
            // A message beside OK means nothing, so it is not worth a copy.
            Some(message) if code != Code::Ok => percent_decode(message.as_bytes())
                .decode_utf8_lossy()
                .into_owned()
                .into(),
            _ => Cow::Borrowed(""),
        };
        Some(Self { code, message })
    }

    /// The status of an answer without `grpc-status`, as from an HTTP proxy on the way.
    ///
    /// Spec: [HTTP to gRPC status code mapping][spec].
    ///
    /// [spec]: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
    #[must_use]
    pub const fn from_http_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::BAD_REQUEST => Code::Internal,
            StatusCode::UNAUTHORIZED => Code::Unauthenticated,
            StatusCode::FORBIDDEN => Code::PermissionDenied,
            StatusCode::NOT_FOUND => Code::Unimplemented,
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
            _ => Code::Unknown,
        };
        Self::new(code, "the answer ended without a grpc-status")
    }
}

impl From<&Status> for CallStatus {
    fn from(status: &Status) -> Self {
        Self {
            code: status.code(),
            message: Cow::Owned(status.message().to_owned()),
        }
    }
}
