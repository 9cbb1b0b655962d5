//! Answers what is not proper gRPC the way the specification says, before a handler sees it.
//!
//! tonic serves a `GET` and a `text/plain` like any call, takes the first of two messages of a
//! unary call, and calls a message that is too large `OUT_OF_RANGE`. Here:
//!
//! | what comes | what it gets |
//! |---|---|
//! | a method other than `POST` | HTTP 405 |
//! | another content type than `application/grpc` | HTTP 415 |
//! | more metadata than the limit | `RESOURCE_EXHAUSTED` |
//! | a message above the limit, by its prefix, before it is read | `RESOURCE_EXHAUSTED` |
//! | no message, or two, where one is asked for | `UNIMPLEMENTED` |
//!
//! Spec: [requests](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests),
//! [status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
//! Visible as the span attribute `tracewalk.wire_fault`, a debug log line, and the `code`.

mod body;
mod frames;
mod layer;
mod service;

#[cfg(test)]
mod tests;

pub use self::{
    layer::{DescriptorError, StrictWireLayer},
    service::StrictWire,
};

use tonic::{Code, Status};

use crate::{errors::ErrorReply, span};

/// A refusal, also said in the span and in the log.
fn fault(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    span::attribute("tracewalk.wire_fault", reason);
    tracing::debug!(reason, "the call is not proper gRPC");
    ErrorReply::new(code, reason, message).into_status()
}
