//! Answers what is not proper gRPC the way the specification says, before a handler sees it.
//!
//! tonic serves a `GET` and a `text/plain` like any call, takes the first of two messages of a
//! unary call, and calls a message that is too large `OUT_OF_RANGE`; its own refusals have no
//! details. This layer answers as follows, with an `ErrorInfo` of this reason and a `RequestInfo`:
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
//! A handler's error without details gets an `ErrorInfo` whose reason is the name of its code. Reasons
//! get the domain of the server.
//!
//! Spec: [requests](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests),
//! [status codes](https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
//! Visible as the span attribute [`protocol_error`](crate::names::Names::protocol_error), a debug log line, the `code`, and
//! `grpc_rpc_invalid_requests_total`: several of these codes are server errors by the semantic
//! conventions, and this counter shows which calls failed by the caller's fault.
//!
//! On the client, [`ValidateResponseLayer`](crate::client::layers::ValidateResponseLayer) does the same to the answers of a server.

mod explain;
mod fault;
mod messages;
mod service;

#[cfg(test)]
mod tests;

pub use self::{
    fault::{ProtocolMetrics, RequestFault},
    service::{ResponseFuture, ValidateProtocol},
};

use std::{collections::HashMap, sync::Arc};

use grpc_wire::{Methods, code_name};
use prometheus::IntCounterVec;
use tonic::{Code, Status};
use tower_layer::Layer;

use crate::{
    errors::ErrorReply,
    names::{Names, with_names},
    span,
};

/// The codes of requests that are at fault.
const CODES: [Code; 5] = [
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::ResourceExhausted,
    Code::Unimplemented,
    Code::Internal,
];

/// Refuses what is not proper gRPC, and completes errors. Inside the span and the log, outside all
/// that reads the call.
///
/// ```
/// # use tonic_resilience::server::layers::validate_protocol::ValidateProtocolLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let methods = grpc_wire::Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
/// let stack = tower::ServiceBuilder::new()
///     .layer(ValidateProtocolLayer::new(&methods).max_message_bytes(1024 * 1024))
///     .service(tonic::service::Routes::new(service));
/// # Ok::<_, grpc_wire::DescriptorError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ValidateProtocolLayer {
    limits: Limits,
    /// Whether a method takes exactly one message, by its path.
    methods: Arc<HashMap<&'static str, bool>>,
    invalid: Option<IntCounterVec>,
    names: &'static Names,
}

/// What a request may be, at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    message_bytes: u32,
    metadata_bytes: usize,
}

impl ValidateProtocolLayer {
    /// Checks calls of these methods.
    #[must_use]
    pub fn new(methods: &Methods) -> Self {
        let takes_one = |method: &grpc_wire::Method| (method.path, !method.kind.streams_requests());
        Self {
            limits: Limits {
                message_bytes: 4 * 1024 * 1024,
                metadata_bytes: 16 * 1024,
            },
            methods: Arc::new(methods.iter().map(takes_one).collect()),
            invalid: None,
            names: Default::default(),
        }
    }

    with_names!(names);

    /// Most bytes of one message on the wire; default 4 MiB, as tonic's own.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.limits.message_bytes = bytes;
        self
    }

    /// Most bytes of all metadata of a request; default 16 KiB.
    ///
    /// Keep it below the HTTP/2 limit of the server, which answers with a bare 431.
    #[must_use]
    pub fn max_metadata_bytes(mut self, bytes: usize) -> Self {
        self.limits.metadata_bytes = bytes;
        self
    }

    /// Counts the calls that failed because of their request in
    /// `grpc_rpc_invalid_requests_total{service,method,code}`.
    ///
    /// Calls of methods that no descriptor set has are not counted.
    #[must_use]
    pub fn count_in(mut self, metrics: &ProtocolMetrics) -> Self {
        // A rate needs a zero to start from.
        for path in self.methods.keys() {
            for code in CODES {
                let _made = metrics.invalid.with_label_values(&labels(path, code));
            }
        }
        self.invalid = Some(metrics.invalid.clone());
        self
    }

    /// Whether the method of this path takes exactly one message.
    fn takes_one_message(&self, path: &str) -> bool {
        self.methods.get(path).is_some_and(|takes_one| *takes_one)
    }

    fn knows(&self, path: &str) -> bool {
        self.methods.contains_key(path)
    }

    fn knows_service(&self, service: &str) -> bool {
        let mut paths = self.methods.keys();
        paths.any(|path| labels(path, Code::Ok)[0] == service)
    }

    /// A refusal, also said in the span and in the log.
    fn fault(&self, code: Code, reason: &'static str, message: impl Into<String>) -> Status {
        self.note(reason);
        ErrorReply::new(code, reason, message).into_status()
    }

    /// Says in the span and in the log what is wrong with a request.
    fn note(&self, reason: &'static str) {
        span::attribute(self.names.protocol_error, reason);
        tracing::debug!(reason, "the call is not proper gRPC");
    }

    /// Counts a call that failed because of its request.
    fn count(&self, path: &str, code: Code) {
        if let Some(invalid) = &self.invalid
            && self.knows(path)
        {
            invalid.with_label_values(&labels(path, code)).inc();
        }
    }
}

/// The labels of a path such as `/tracewalk.user.v1.UserService/GetUser`.
fn labels(path: &str, code: Code) -> [&str; 3] {
    let name = path.trim_start_matches('/');
    let (service, method) = name.split_once('/').unwrap_or((name, ""));
    [service, method, code_name(code)]
}

impl<S> Layer<S> for ValidateProtocolLayer {
    type Service = ValidateProtocol<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ValidateProtocol {
            inner,
            rules: Arc::new(self.clone()),
        }
    }
}
