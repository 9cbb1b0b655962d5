//! Spans of `tracing`, as a layer that exports them.
//!
//! What is exported is decided by level and by context, never by a crate's name: spans from INFO up,
//! and none that the exporter makes on its own thread. Each of those would be exported, which makes
//! the next one, for ever.

mod filter;
mod levels;
pub(crate) mod server_span;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;
mod tracer;

use opentelemetry_sdk::trace::SdkTracer;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use filter::SpanFilter;
pub(crate) use levels::levels;
use tracer::SpanTracer;

/// The layer that exports the spans of these levels.
pub(crate) fn layer<S>(tracer: SdkTracer, levels: Targets) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(SpanTracer::new(tracer))
        // Attributes that nobody asked for cost a third of a span.
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        // A handler that logs an error has not failed: the status of the RPC decides.
        .with_error_events_to_status(false)
        .with_filter(SpanFilter::new(levels))
}
