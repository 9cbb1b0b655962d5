use opentelemetry_sdk::trace::SdkTracer;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::InitError;
use crate::env::Variables;
use crate::logs::{Lines, Records, Style};
use crate::spans;

/// What `tracing` does in this process: log lines, and spans of the handlers.
///
/// The filters are per layer: `RUST_LOG` says which log lines are written, and takes no span away.
///
/// # Errors
///
/// [`InitError::Variable`] where `RUST_LOG` holds no filter.
pub(super) fn build(
    (tracer, levels): (SdkTracer, Option<Targets>),
    lines: Option<(Lines, BoxMakeWriter)>,
    records: Option<Records>,
    variables: &Variables,
) -> Result<Dispatch, InitError> {
    let lines = lines.map(|(lines, writer)| log_layer(lines, writer));
    let lines = lines.with_filter(log_filter(variables)?);
    let records = records.with_filter(log_filter(variables)?);
    let levels = levels.unwrap_or_else(|| spans::levels(variables));
    Ok(Registry::default()
        .with(lines)
        .with(records)
        .with(spans::layer(tracer, levels))
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
