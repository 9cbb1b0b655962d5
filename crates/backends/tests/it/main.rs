//! One program for all tests of the crate: `cargo test -p backends --test it -- metrics::`.

#[cfg(feature = "external")]
mod browser;
#[cfg(feature = "external")]
mod dashboards;
mod metrics;
#[cfg(feature = "external")]
mod real;
mod support;
mod traces;
