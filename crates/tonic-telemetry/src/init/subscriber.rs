use opentelemetry_sdk::trace::SdkTracer;
use tracing::Dispatch;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::InitError;
use crate::env::Variables;
use crate::logs::LogLayer;
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
    log: LogLayer,
    variables: &Variables,
) -> Result<Dispatch, InitError> {
    let levels = levels.unwrap_or_else(|| spans::levels(variables));
    Ok(Registry::default()
        .with(log.with_filter(log_filter(variables)?))
        .with(spans::layer(tracer, levels))
        .into())
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
