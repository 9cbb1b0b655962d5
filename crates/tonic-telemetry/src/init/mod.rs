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

use grpc_wire::Methods;

pub use error::{InitError, ShutdownError};
pub use options::Options;
pub use serve::ServeError;
pub use telemetry::Telemetry;

/// Starts telemetry for a service, with the defaults and the variables of the environment, and with the
/// descriptor sets of the contracts that it serves and calls, as [`Methods::from_descriptor_sets`] reads them.
///
/// Call it once in a process: telemetry becomes the subscriber of `tracing`. [`Options`] has more
/// settings, and [`Options::start`] is for a program with a subscriber of its own.
///
/// # Errors
///
/// [`InitError`] where a descriptor set or a variable is not understood, or telemetry runs already.
pub fn init(service: impl Into<String>, descriptor_sets: &[&[u8]]) -> Result<Telemetry, InitError> {
    let methods = Methods::from_descriptor_sets(descriptor_sets)?;
    Options::new(service).methods(methods).init()
}
