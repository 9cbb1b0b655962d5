//! The backends of the demo without Docker: spans go in by OTLP, metrics are scraped, and pages in
//! the browser show them.
//!
//! ```text
//!   services ── OTLP/gRPC ──► traces ────────────► browser: the real Jaeger UI
//!                 4317        otlp, store, jaeger: 16686
//!                               │
//!                               ▼
//!                              web ──────────────► browser: Grafana's dashboards, drawn without
//!                               ▲                  Grafana: 3000
//!                               │
//!   services ◄─ GET /metrics ── metrics ─────────► curl, Grafana: Prometheus' query API
//!              9101, 9102, 9103 scraper, samples, PromQL, rules: 9090
//! ```
//!
//! Only the files of the dashboards name the services: any OTLP exporter may send, and any client
//! of Jaeger's or Prometheus' HTTP API may query. Each server takes a bound listener and ends when
//! `shutdown` does. The example starts the servers of the traces; [`metrics::Prometheus`] and
//! [`web::router`] have examples of their own:
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
//!     backends::traces::otlp::serve(receiver, store.clone(), pending()),
//!     backends::traces::jaeger::serve(pages, store, None, pending()),
//! )?;
//! # Ok(())
//! # }
//! ```

mod http;
mod intern;
pub mod metrics;
mod time;
pub mod traces;
pub mod web;

pub use http::ServeError;
pub use traces::{Limits, RefusedRequests, Stats, TraceStore};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
