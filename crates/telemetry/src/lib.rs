//! Spans, metrics, logs and propagation for tonic: the crate to copy.
//!
//! ```text
//!              request                                        OTLP/gRPC      GET /metrics
//!                 │                                               ▲               ▲
//!  trace_server ──┤ one SERVER span, one sample                   │ export        │ admin
//!    │            │            ╭─ spans ──► SdkTracer ──► queue, ledger           │
//!    ├─ call ─────┼────────────┤                                                  │
//!    │            │            ╰─ samples and exemplars ──► metrics::Registry ────╯
//!  handler        │
//!    │            │ its own spans through `tracing`, its database calls through `database`
//!  trace_client ──┤ one CLIENT span, one sample
//!                 ▼
//!              next hop: `traceparent` by `propagation`, method and status by `rpc`
//! ```
//!
//! [`init`] makes a [`Telemetry`]: a value, not a global, that is handed to whoever serves. Its
//! layers do the rest; a handler has no code for spans or metrics.
//!
//! # The order of layers
//!
//! On a server, from the outside in:
//!
//! | layer | why it is there |
//! |---|---|
//! | [`TraceServerLayer`] | outermost: what the others refuse is traced and counted as well |
//! | panics into answers | below the span, which then ends with the `INTERNAL` that the caller sees |
//! | deadline | before all that takes time; an expired call ends with its own status, not as dropped |
//! | limits | a call that is shed has cost no more than its headers |
//! | identity | after the limits: checking a token costs more than counting a call |
//! | handlers | business only |
//!
//! On a client, from the caller outwards:
//!
//! | layer | why it is there |
//! |---|---|
//! | [`TraceClientLayer`] | outermost: one span and one sample for what the caller asked and got |
//! | deadline | above the retries, which share what time is left |
//! | retries | below them everything happens once for each attempt |
//! | [`TraceClientLayer::attempt`] | shows each attempt; without retries it is left out |
//! | breaker | nearest to the peer: it judges attempts, and a call it refuses is an attempt too |
//! | channel | the connections |
//!
//! Below both of this crate's layers a request has the body of tonic, as in its router and its
//! channel.

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
mod sampling;
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
