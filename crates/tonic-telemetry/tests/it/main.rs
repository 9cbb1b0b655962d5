//! One program for all tests of the crate: `cargo test -p tonic-telemetry --test it -- export::`.

mod attempts;
mod attributes;
mod beside;
mod context;
mod conventions;
mod endings;
mod export;
mod learned;
mod ledgers;
mod metric_names;
mod metrics;
mod over_tonic;
mod pages;
mod propagation;
mod support;
