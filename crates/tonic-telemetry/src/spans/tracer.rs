use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, Tracer};
use opentelemetry_sdk::trace::{SdkTracer, Span};

/// The tracer of the spans of `tracing`.
#[derive(Clone, Debug)]
pub(super) struct SpanTracer(SdkTracer);

impl SpanTracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self(tracer)
    }
}

impl Tracer for SpanTracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        // A span that was made a root does not know where it runs.
        if Context::is_current_telemetry_suppressed() {
            return self.0.build_with_context(builder, &Context::current());
        }
        self.0.build_with_context(builder, parent)
    }
}
