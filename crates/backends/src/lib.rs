//! The backends of the demo without Docker: spans go in by OTLP, metrics are scraped, and pages in
//! the browser show them.
//!
//! ```text
//!   services ── OTLP/gRPC ──► otlp ──► TraceStore ──► jaeger ──► browser: the real Jaeger UI
//!                 4317      decode     bounded,       16686      `tracewalk trace`, curl
//!                                      in memory        │
//!                                                       ▼
//!   services ◄─ GET /metrics ── prometheus ───────► dashboards ► browser: Grafana's dashboards,
//!              9101, 9102, 9103  scraper, samples,    3000       drawn without Grafana
//!                                PromQL, rules: 9090
//! ```
//!
//! Only the dashboards' own files know which services there are: any OTLP exporter may send, and
//! whatever reads Jaeger's or Prometheus' HTTP API may ask. Each server takes a bound listener and
//! ends when `shutdown` does; the example has those of the traces, [`prometheus::Prometheus`] and
//! [`dashboards::router`] have others:
//!
//! ```
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! use std::future::pending;
//! use tokio::net::TcpListener;
//!
//! let store = backends::TraceStore::default();
//! let receiver = TcpListener::bind("127.0.0.1:4317").await?;
//! let pages = TcpListener::bind("127.0.0.1:16686").await?;
//! tokio::try_join!(
//!     backends::otlp::serve(receiver, store.clone(), pending()),
//!     backends::jaeger::serve(pages, store, pending()),
//! )?;
//! # Ok(())
//! # }
//! ```

pub mod dashboards;
pub mod jaeger;
mod log;
pub mod otlp;
pub mod prometheus;
mod serve;
mod span;
mod store;
mod ui;

pub use serve::ServeError;
pub use store::{Limits, RefusedRequests, Stats, TraceStore};
