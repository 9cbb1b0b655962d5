//! Prometheus metrics: the RPC families, and the page that a scrape gets.

mod registry;

pub use registry::Registry;
