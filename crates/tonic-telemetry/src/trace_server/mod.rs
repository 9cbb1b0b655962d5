//! One SERVER span and one sample for each call that comes in.
//!
//! [`TraceServerLayer`] goes outermost: what the layers below it refuse is traced too.

mod authority;
mod layer;
mod service;

pub use layer::TraceServerLayer;
pub use service::TraceServer;
