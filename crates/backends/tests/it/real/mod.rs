//! The embedded backends beside the real ones: the same data into both, the same questions to both.

mod differences;
mod jaeger;
mod monitor;
mod normal;
mod prometheus;
mod questions;
mod rules;
mod spans;
mod trace_api;
