//! One CLIENT span and one sample for each call that goes out, and if you like for each attempt.
//!
//! ```text
//!  generated client ─► TraceClientLayer ─► retries ─► TraceClientLayer::attempt ─► channel
//! ```
//!
//! Where nothing retries, the first layer is enough.

mod attempt;
mod layer;
mod peer;
mod service;

pub use layer::TraceClientLayer;
pub use peer::Peer;
pub use service::TraceClient;
