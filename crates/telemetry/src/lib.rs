//! Spans, metrics, logs and propagation for tonic: the crate to copy.

use std::sync::Arc;

use opentelemetry::propagation::TextMapPropagator;

pub mod admin;
pub mod call;
pub mod conventions;
pub mod database;
mod export;
mod init;
mod logs;
pub mod metrics;
pub mod propagation;
pub mod rpc;
pub mod trace_client;
pub mod trace_server;

pub use export::Ledger;
pub use init::{InitError, Options, ShutdownError, Telemetry, init};
pub use logs::{LogFormat, current_trace_id};
pub use rpc::Methods;
pub use trace_client::{Peer, TraceClientLayer};
pub use trace_server::TraceServerLayer;

/// How a context travels in the headers of a request.
pub type Propagator = Arc<dyn TextMapPropagator + Send + Sync>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
