//! One SERVER span and one sample for each call that comes in.

mod layer;

pub use layer::TraceServerLayer;
