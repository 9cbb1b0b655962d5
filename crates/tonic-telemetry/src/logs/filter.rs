use tracing_subscriber::EnvFilter;

use crate::InitError;
use crate::env::Variables;

/// Which events are logged, as `RUST_LOG` says: a filter that is known to be one.
#[derive(Clone, Debug)]
pub(crate) struct LogFilter(String);

impl LogFilter {
    /// A filter of its own for a layer, as each needs.
    pub(crate) fn make(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

/// Reads `RUST_LOG`, by default `info`.
///
/// # Errors
///
/// [`InitError::Variable`] where it holds no filter.
pub(crate) fn filter(variables: &Variables) -> Result<LogFilter, InitError> {
    let Some(variable) = variables.get(&["RUST_LOG"]) else {
        // The SDK is proud of its start.
        return Ok(LogFilter("info,opentelemetry=warn".to_owned()));
    };
    let expected = "a filter such as info or user=debug,info";
    match EnvFilter::builder().parse(&variable.value) {
        Ok(_) => Ok(LogFilter(variable.value)),
        Err(_) => Err(variable.refuse(expected)),
    }
}
