//! One CLIENT span and one sample for each call that goes out, an INTERNAL span for each attempt.
//!
//! ```text
//!  generated client ─► TraceClientLayer ─► retries ─► TraceClientLayer::attempt ─► channel
//! ```
//!
//! Where nothing retries, the first layer is enough. Attempts are not CLIENT spans, so that a hop
//! has exactly one of them, however often it is tried.

mod attempt;
mod layer;
mod peer;
mod service;

pub use layer::TraceClientLayer;
pub use peer::Peer;
pub use service::TraceClient;
