//! Starts telemetry, and shuts it down so that every lost span is counted.

mod error;
mod layers;
mod options;
mod page;
mod pipelines;
mod propagators;
mod resource;
mod run;
mod serve;
mod start;
mod telemetry;

pub use error::{InitError, ShutdownError};
pub use options::Options;
pub use serve::ServeError;
pub use telemetry::Telemetry;

/// Starts telemetry for a service, with the defaults and the variables of the environment.
///
/// Call it once in a process: telemetry becomes the subscriber of `tracing`. [`Options`] has more
/// settings, such as the version of the service, and [`Options::start`] is for a program with a subscriber of its own.
///
/// # Errors
///
/// [`InitError`] where a variable is not understood, or telemetry runs already.
pub fn init(service: impl Into<String>) -> Result<Telemetry, InitError> {
    Options::new(service).init()
}
