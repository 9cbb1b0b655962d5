//! Spans, metrics, logs and propagation for tonic: the crate to copy.

pub mod conventions;
pub mod metrics;
pub mod propagation;
pub mod rpc;
pub mod trace_client;
pub mod trace_server;

pub use rpc::Methods;
pub use trace_client::{Peer, TraceClientLayer};
pub use trace_server::TraceServerLayer;
