//! Starts telemetry, and ends it without losing a span unseen.

mod error;
mod options;
mod pipelines;
mod propagators;
mod resource;
mod start;
mod subscriber;
mod telemetry;

pub use error::{InitError, ShutdownError};
pub use options::Options;
pub use telemetry::Telemetry;

/// Starts telemetry for a service, with the defaults and what the environment says.
///
/// Install it once a process: it becomes the subscriber of `tracing`.
///
/// # Errors
///
/// [`InitError`] where a variable is not understood, or telemetry runs already.
pub fn init(service: &'static str) -> Result<Telemetry, InitError> {
    Options::new(service).init()
}
