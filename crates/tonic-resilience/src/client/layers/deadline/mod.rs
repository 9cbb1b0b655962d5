//! The client's side: passes on what is left.

mod layer;
mod service;

pub use self::{layer::PropagateDeadlineLayer, service::PropagateDeadline};
