//! What a call to another service goes through: a module is one layer, usable alone.

pub mod circuit_breaker;
pub mod deadline;
pub mod retry;
pub mod validate_protocol;

pub use self::{
    circuit_breaker::CircuitBreakerLayer, deadline::PropagateDeadlineLayer, retry::RetryLayer,
    validate_protocol::ValidateResponseLayer,
};
