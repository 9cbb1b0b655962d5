//! Log lines with trace ids: JSON for machines, one object a line, or text for a terminal.
//!
//! A line has the fields of the event and of the spans around it. It cannot be forged: control
//! characters and the line separators of Unicode are escaped in every name and value, and a long
//! value is cut. What looks like a secret is hidden: see [`secrets`](crate::secrets).

mod clock;
mod escape;
mod fields;
mod filter;
mod format;
mod json;
mod layer;
mod line;
mod pretty;
mod records;
#[cfg(test)]
mod tests;

pub use escape::Printable;
pub(crate) use escape::start_of;
pub(crate) use filter::{LogFilter, filter};
pub(crate) use format::Lines;
pub use format::LogFormat;
pub(crate) use layer::LogLayer;
pub(crate) use records::{Entry, Records};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};

/// The trace of what runs at this moment, as 32 hex digits; `None` outside of a span.
///
/// Also where the trace is not sampled: its id still joins the log lines of all services.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current_span(|span| span.trace_id().to_string())
}

/// Reads the span that a log line belongs to.
///
/// Spans of the RPC layers and spans of `tracing` are both in the active context.
fn current_span<T>(read: impl FnOnce(&SpanContext) -> T) -> Option<T> {
    Context::map_current(|cx| {
        let span = cx.span();
        let span_context = span.span_context();
        span_context.is_valid().then(|| read(span_context))
    })
}
