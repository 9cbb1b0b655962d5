//! Starts telemetry, and ends it without losing a span unseen.

mod error;
mod options;
mod pipelines;
mod propagators;
mod resource;
mod start;
mod telemetry;

pub use error::{InitError, ShutdownError};
pub use options::Options;
pub use telemetry::Telemetry;

/// Starts telemetry for a service, with the defaults and what the environment says.
///
/// Once a process: it becomes the subscriber of `tracing`. [`Options`] says more, and
/// [`Options::start`] is for a program with a subscriber of its own.
///
/// # Errors
///
/// [`InitError`] where a variable is not understood, or telemetry runs already.
pub fn init(service: impl Into<String>) -> Result<Telemetry, InitError> {
    Options::new(service).init()
}
