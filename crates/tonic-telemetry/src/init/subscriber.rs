use opentelemetry_sdk::trace::SdkTracer;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::InitError;
use crate::env::Variables;
use crate::logs::{Lines, Records, Style};

/// What `tracing` does in this process: log lines, and spans of the handlers.
///
/// The filters are per layer. `RUST_LOG` says which log lines are written, and takes no span away:
/// otherwise a quiet log would cut traces into pieces.
///
/// # Errors
///
/// [`InitError::Variable`] where `RUST_LOG` holds no filter.
pub(super) fn build(
    tracer: SdkTracer,
    lines: Option<(Lines, BoxMakeWriter)>,
    records: Option<Records>,
    variables: &Variables,
) -> Result<Dispatch, InitError> {
    let lines = lines.map(|(lines, writer)| log_layer(lines, writer));
    let lines = lines.with_filter(log_filter(variables)?);
    let records = records.with_filter(log_filter(variables)?);
    Ok(Registry::default()
        .with(lines)
        .with(records)
        .with(span_layer(tracer))
        .into())
}

fn log_layer<S>(lines: Lines, writer: BoxMakeWriter) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // By <https://no-color.org> an empty variable says nothing.
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let ansi = lines.style == Style::Pretty && colours;
    fmt::layer()
        .event_format(lines)
        .with_ansi(ansi)
        // Standard error says nothing about a full disk that the next line would not say again.
        .log_internal_errors(false)
        .with_writer(writer)
}

fn log_filter(variables: &Variables) -> Result<EnvFilter, InitError> {
    let Some(variable) = variables.get(&["RUST_LOG"]) else {
        // The SDK is proud of its start.
        return Ok(EnvFilter::new("info,opentelemetry=warn"));
    };
    let expected = "a filter such as info or user=debug,info";
    EnvFilter::builder()
        .parse(&variable.value)
        .map_err(|_| variable.refuse(expected))
}

fn span_layer<S>(tracer: SdkTracer) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        // Attributes that nobody asked for cost a third of a span.
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        // A handler that logs an error has not failed: the status of the RPC decides.
        .with_error_events_to_status(false)
        .with_filter(span_filter())
}

/// Spans of the program from INFO up, and never those of the libraries that carry telemetry away:
/// a span of the exporter's connection would be exported, which makes the next one, for ever.
fn span_filter() -> Targets {
    let untraced = [
        "h2",
        "hyper",
        "hyper_util",
        // A target is compared by its beginning: not `tonic`, which this crate's own would match.
        "tonic::",
        "tower",
        "rustls",
        "opentelemetry",
    ];
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(untraced.map(|target| (target, LevelFilter::OFF)))
}
