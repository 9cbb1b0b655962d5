//! One CLIENT span and one sample for each call that goes out.

mod layer;
mod peer;

pub use layer::TraceClientLayer;
pub use peer::Peer;
