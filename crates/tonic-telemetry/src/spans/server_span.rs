use opentelemetry::Context;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name by which the layer and the filter know the span; no span of a program has it.
pub(crate) const NAME: &str = "tonic_telemetry::server_span";

/// The SERVER span that is active in this context, as a span of `tracing`.
///
/// Code inside the span, on any thread, runs in the context: its spans are children of the SERVER
/// span, and fields that it records are attributes of the SERVER span. Nothing more is
/// exported. Without the layer of this crate in the subscriber it is an ordinary span.
pub(crate) fn of(context: &Context) -> Span {
    let _active = context.clone().attach();
    let span = tracing::info_span!(NAME);
    // Started here, for a poll does not start it: what is set on it goes to the SERVER span at once.
    drop(span.context());
    span
}
