//! The way of spans to the collector: the faults it survives, and the books it keeps.

mod collector;
mod faults;
mod http;
mod records;
mod shutdown;
mod silence;
mod steps;
mod variables;
