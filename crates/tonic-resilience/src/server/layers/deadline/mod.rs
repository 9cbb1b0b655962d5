//! The server's side: owns the timer of the call.

mod layer;
mod service;

pub use self::{layer::EnforceDeadlineLayer, service::EnforceDeadline};
