//! Traces, and what was logged during them: received, kept, and shown in the Jaeger UI.
//!
//! ```text
//!   services ── OTLP/gRPC ──► otlp ──► store ──► jaeger ──► ui: the real Jaeger UI,
//!                 4317       decodes   bounded    16686      `tracewalk trace`, curl
//! ```

pub mod jaeger;
mod logs;
mod model;
pub mod otlp;
mod store;
pub(crate) mod ui;

pub use store::{Limits, RefusedRequests, Stats, TraceStore};
