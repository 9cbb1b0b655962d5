use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};

/// The trace of what runs at this moment, as 32 hex digits; `None` outside of a span.
///
/// Also where the trace is not sampled: its id still joins the log lines of all services.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current(|span| span.trace_id().to_string())
}

/// Reads the span that a log line belongs to.
///
/// Spans of the RPC layers and spans of `tracing` are both in the active context.
pub(super) fn current<T>(read: impl FnOnce(&SpanContext) -> T) -> Option<T> {
    Context::map_current(|cx| {
        let span = cx.span();
        let span_context = span.span_context();
        span_context.is_valid().then(|| read(span_context))
    })
}
