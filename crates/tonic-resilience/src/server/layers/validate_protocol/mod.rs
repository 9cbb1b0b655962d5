//! Answers what is not proper gRPC the way the specification says, before a handler sees it.
//!
//! tonic serves a `GET` and a `text/plain` like any call, takes the first of two messages of a
//! unary call, and calls a message that is too large `OUT_OF_RANGE`; its own refusals have no
//! details. Here, each with an `ErrorInfo` of this reason and a `RequestInfo`:
//!
//! | what comes | what it gets | reason |
//! |---|---|---|
//! | a method other than `POST` | HTTP 405, `INVALID_ARGUMENT` | `WRONG_HTTP_METHOD` |
//! | another content type than `application/grpc` | HTTP 415, `INVALID_ARGUMENT` | `WRONG_CONTENT_TYPE` |
//! | more metadata than the limit | `RESOURCE_EXHAUSTED` | `METADATA_TOO_LARGE` |
//! | a message above the limit, by its prefix, before it is read | `RESOURCE_EXHAUSTED` | `MESSAGE_TOO_LARGE` |
//! | no message, or two, where one is asked for | `UNIMPLEMENTED` | `NOT_ONE_MESSAGE` |
//! | a compression flag above 1, or 1 without an encoding | `INTERNAL` | `INVALID_FLAG` |
//! | a body that ends within a message | `INTERNAL` | `MESSAGE_CUT` |
//! | a message that is no protobuf, or no UTF-8 | `INTERNAL`, `BadRequest` with the field | `MALFORMED_MESSAGE` |
//! | an encoding that the server does not read | `UNIMPLEMENTED` | `UNSUPPORTED_ENCODING` |
//! | a method that is not there | `UNIMPLEMENTED` | `UNKNOWN_SERVICE`, `UNKNOWN_METHOD` |
//!
//! A handler's error without details gets an `ErrorInfo` whose reason is the name of its code.
//!
//! Spec: [requests](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests),
//! [status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
//! Visible as the span attribute `tracewalk.wire_fault`, a debug log line, the `code`, and
//! `grpc_rpc_invalid_requests_total`: several of these codes are errors of the server to the
//! semantic conventions, and this counter tells which of them were not.
//!
//! On the client, [`ValidateResponseLayer`](crate::client::layers::ValidateResponseLayer) does the same to the answers of a server.

mod answer;
mod body;
mod explain;
mod fault;
mod layer;
mod metrics;
mod service;

#[cfg(test)]
mod tests;

pub use self::{
    answer::StrictFuture, fault::CallersFault, layer::ValidateProtocolLayer,
    metrics::ProtocolMetrics, service::ValidateProtocol,
};

use grpc_wire::MessageError;
use tonic::{Code, Status};

use crate::{errors::ErrorReply, span};

/// Says in the span and in the log what is wrong with a request.
fn note(reason: &'static str) {
    span::attribute("tracewalk.wire_fault", reason);
    tracing::debug!(reason, "the call is not proper gRPC");
}

/// The machine-readable reason of what is wrong with the messages of a body.
fn reason(error: MessageError) -> &'static str {
    match error {
        MessageError::TooLarge { .. } => "MESSAGE_TOO_LARGE",
        MessageError::Flag(_) | MessageError::NoEncoding => "INVALID_FLAG",
        MessageError::Cut => "MESSAGE_CUT",
    }
}

/// A refusal, also said in the span and in the log.
fn fault(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    note(reason);
    ErrorReply::new(code, reason, message).into_status()
}
