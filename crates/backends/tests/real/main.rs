//! The embedded backends beside the real ones: the same data into both, the same questions to both.

mod differences;
mod jaeger;
mod monitor;
mod questions;
mod rules;
#[allow(dead_code, reason = "the tests of the query API use all of it")]
#[path = "../prometheus/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;
#[allow(dead_code, reason = "the tests of the query API use all of it")]
#[path = "../prometheus/target.rs"]
mod target;
mod trace_api;
