//! Traces, and what was logged during them: received, kept, and shown in the Jaeger UI.
//!
//! ```text
//!   services ── OTLP/gRPC ──► otlp ──► store ──► jaeger ──► ui: the real Jaeger UI,
//!                 4317       decodes   bounded    16686      `tracewalk trace`, curl
//! ```

pub mod jaeger;
mod logs;
pub(crate) mod model;
pub mod otlp;
pub(crate) mod store;
pub(crate) mod ui;

pub use store::{Limits, RefusedRequests, Stats, TraceStore};
