//! The way of spans to the collector: the faults it survives, and its ledger.

mod faults;
mod http;
mod records;
mod shutdown;
mod silence;
mod steps;
mod throttling;
mod tls;
mod variables;
