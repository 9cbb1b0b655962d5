use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::SpanContext;

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Tells the caller which trace to look at: `x-trace-id` for people, `traceresponse` for tools.
///
/// Spec: [Trace Context, `traceresponse`][spec] (a draft).
///
/// [spec]: https://w3c.github.io/trace-context/#traceresponse-header
pub(super) fn announce(span: &SpanContext, headers: &mut HeaderMap) {
    let trace_id = span.trace_id().to_string();
    let traceresponse = format!(
        "00-{trace_id}-{}-{:02x}",
        span.span_id(),
        span.trace_flags()
    );
    for (name, value) in [(TRACE_ID, trace_id), (TRACERESPONSE, traceresponse)] {
        let value = HeaderValue::try_from(value).expect("hexadecimal digits and dashes are valid");
        headers.insert(name, value);
    }
}
