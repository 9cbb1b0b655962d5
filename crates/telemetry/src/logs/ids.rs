use opentelemetry::Context;
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};

/// The trace of what runs at this moment, as 32 hex digits; `None` outside of a span.
///
/// Also where the trace is not sampled: its id still joins the log lines of all services.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current().map(|(trace_id, _)| trace_id.to_string())
}

/// The ids that a log line carries.
///
/// Spans of the RPC layers and spans of `tracing` are both in the active context.
pub(super) fn current() -> Option<(TraceId, SpanId)> {
    Context::map_current(|cx| {
        let span = cx.span();
        let span_context = span.span_context();
        span_context
            .is_valid()
            .then(|| (span_context.trace_id(), span_context.span_id()))
    })
}
