//! Errors that a program can read: a gRPC status with [`google.rpc`] details.
//!
//! A code and a sentence are for people. Programs need a stable reason, the fields at fault and how
//! long to wait. gRPC carries them in the trailer `grpc-status-details-bin`, and every language's
//! library reads them. Spec: [AIP-193](https://google.aip.dev/193).
//!
//! [`google.rpc`]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto

mod relay;

#[cfg(test)]
mod tests;

pub use self::relay::relay;

use std::{collections::HashMap, error::Error, time::Duration};

use opentelemetry::{Context, trace::TraceContextExt};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// A refusal with its details: turn it into a [`Status`] where the handler returns.
///
/// Each reply carries an `ErrorInfo` with the reason and, inside a trace, a `RequestInfo` whose
/// `request_id` is the trace id: who reports the error can quote it. The domain of the reason is that
/// of the server: [`ValidateProtocolLayer`] fills it in where the reply names none.
///
/// [`ValidateProtocolLayer`]: crate::server::layers::ValidateProtocolLayer
///
/// ```
/// use tonic::Code;
/// use tonic_resilience::errors::ErrorReply;
///
/// let status = ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", "there is no user 7")
///     .metadata("user_id", "7")
///     .into_status();
/// assert_eq!(status.code(), Code::NotFound);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a reply does nothing until it is returned as a status"]
pub struct ErrorReply {
    code: Code,
    reason: &'static str,
    domain: &'static str,
    message: String,
    metadata: HashMap<String, String>,
    violations: Vec<(String, String)>,
    retry_after: Option<Duration>,
}

impl ErrorReply {
    /// A reply with a canonical code, a stable `UPPER_SNAKE_CASE` reason and a sentence for people.
    ///
    /// The message goes to the caller: it must not hold secrets or internals.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            domain: "",
            message: message.into(),
            metadata: HashMap::new(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    /// The domain within which the reason is unique; for replies that pass no server of this crate.
    pub fn domain(mut self, domain: &'static str) -> Self {
        self.domain = domain;
        self
    }

    /// Adds a fact for programs to `ErrorInfo.metadata`, such as the id that was not found.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Adds a field at fault to `BadRequest`, with the rule that it breaks.
    ///
    /// `field` is the path as the proto file spells it, such as `user.email`.
    pub fn violation(mut self, field: impl Into<String>, rule: impl Into<String>) -> Self {
        self.violations.push((field.into(), rule.into()));
        self
    }

    /// Tells the caller in `RetryInfo` how long to wait before another try.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The status to return, with the trace id of the current OpenTelemetry context.
    #[must_use]
    pub fn into_status(self) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason, self.domain, self.metadata);
        for (field, rule) in self.violations {
            details.add_bad_request_violation(field, rule);
        }
        if let Some(delay) = self.retry_after {
            details.set_retry_info(Some(delay));
        }
        if let Some(trace_id) = current_trace_id() {
            details.set_request_info(trace_id, "");
        }
        Status::with_error_details(self.code, self.message, details)
    }
}

impl From<ErrorReply> for Status {
    fn from(reply: ErrorReply) -> Self {
        reply.into_status()
    }
}

/// The trace id of the current OpenTelemetry context, in hex; `None` outside a trace.
fn current_trace_id() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span_context = span.span_context();
        span_context
            .is_valid()
            .then(|| span_context.trace_id().to_string())
    })
}

/// An error with its causes, in one line: log formats show the outermost alone.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
