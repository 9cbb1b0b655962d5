//! Scrapes services, keeps their samples, and answers queries as Prometheus does.
//!
//! ```text
//!   services ◄── GET /metrics ── scrape ──►  tsdb   ◄── promql ◄── api ◄── browser, curl:
//!    9101…       each 2 s          │       one hour,      ▲       9090      /api/v1/query
//!                                  │       in memory      │
//!                                  └────► exemplars     rules: what is recorded and alerted
//! ```
//!
//! This is not Prometheus, but it answers the queries of dashboards and rules as Prometheus does:
//! a test compares the answers. All data is bounded and in memory, and lost when the process ends.

mod api;
mod number;
mod prometheus;
mod promql;
mod rules;
mod scrape;
#[cfg(test)]
mod tests;
mod time;
mod tsdb;

pub use prometheus::{INTERVAL, Prometheus, router, serve};
pub use rules::RuleError;
pub use scrape::Target;
pub use tsdb::SampleLimits;
