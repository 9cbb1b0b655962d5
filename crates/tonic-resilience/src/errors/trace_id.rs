use opentelemetry::{Context, trace::TraceContextExt};

/// The trace id of the current OpenTelemetry context, in hex; `None` outside a trace.
pub(super) fn current() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span_context = span.span_context();
        span_context
            .is_valid()
            .then(|| span_context.trace_id().to_string())
    })
}
