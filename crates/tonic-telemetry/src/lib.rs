//! Spans, metrics, logs and propagation for tonic.
//!
//! ```text
//!              request                                        OTLP/gRPC      GET /metrics
//!                 │                                               ▲               ▲
//!  server_layer ──┤ one SERVER span, one sample                   │ export        │ admin
//!    │            │            ╭─ spans ──► SdkTracer ──► queue, ledger           │
//!    ├─ observe ──┼────────────┤                                                  │
//!    │            │            ╰─ samples and exemplars ──► metrics::Registry ────╯
//!  handler        │
//!    │            │ its own spans through `tracing`, its database calls through `database`
//!  client_layer ──┤ one CLIENT span, one sample
//!                 ▼
//!              next hop: `traceparent` by `propagation`, method and status by `grpc_wire`
//! ```
//!
//! [`init`] makes a [`Telemetry`]: a value, not a global, that is handed to whoever serves. Its
//! layers do the rest; a handler has no code for spans or metrics.
//!
//! # The order of layers
//!
//! On a server [`TraceServerLayer`] is the outermost layer: what the others refuse is traced and
//! measured as well, and a panic is caught below it. On a client [`TraceClientLayer`] is the outermost
//! layer, for what the caller asked and got; [`TraceClientLayer::attempt`] is the innermost, below the
//! retries and the circuit breaker, for each request on the wire. The whole order, with a reason for
//! each layer, is one table a side in `crates/tonic-stack/src/server/mod.rs` and `crates/tonic-stack/src/client/mod.rs`.
//!
//! Below both of this crate's layers a request has the body of tonic, as in its router and its
//! channel.

use std::sync::Arc;

use opentelemetry::propagation::TextMapPropagator;

pub mod admin;
pub mod client_layer;
pub mod conventions;
pub mod database;
mod env;
mod export;
mod init;
mod logs;
pub mod messaging;
pub mod metrics;
pub mod observe;
mod open_span;
pub mod propagation;
mod queue;
mod sampling;
mod secrets;
pub mod server_layer;
mod spans;

pub use client_layer::{Peer, TraceClient, TraceClientLayer};
pub use grpc_wire::{DescriptorError, Methods, RpcKind};
pub use init::{InitError, Options, ServeError, ShutdownError, Telemetry, init};
pub use listener::{serve_with_grace, stop_signal};
pub use logs::{LogFormat, Printable, current_trace_id};
pub use queue::Ledger;
pub use server_layer::TraceServerLayer;

/// In place of `tonic::transport::Channel`, as `UserServiceClient<Channel>`: [`Telemetry::channel`] makes it.
pub type Channel = TraceClient<tonic::transport::Channel>;

/// How a context travels in the headers of a request.
pub type Propagator = Arc<dyn TextMapPropagator + Send + Sync>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
