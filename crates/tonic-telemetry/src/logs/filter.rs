use tracing_subscriber::EnvFilter;

use crate::InitError;
use crate::env::Variables;

/// Which events are logged, as `RUST_LOG` says: the text of a filter that parses.
#[derive(Clone, Debug)]
pub(crate) struct LogFilter(String);

impl LogFilter {
    /// A new filter: each layer needs one of its own.
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
        // The SDK logs its start at INFO.
        return Ok(LogFilter("info,opentelemetry=warn".to_owned()));
    };
    let expected = "a filter such as info or user=debug,info";
    match EnvFilter::builder().parse(&variable.value) {
        Ok(_) => Ok(LogFilter(variable.value)),
        Err(_) => Err(variable.refuse(expected)),
    }
}
