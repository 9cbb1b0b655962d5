//! One hop of the chain: what each call goes through, on a server and on a client, in order.
//!
//! ```text
//!  handler ─► client ═══ network ═══► server ─► handler
//! ```
//!
//! The crates `tonic-telemetry` and `tonic-resilience` have a tower layer for each mechanism and do
//! not depend on each other. Here they become two stacks, the same for every service: [`server`]
//! and [`client`] each show the order of their layers in one table, with a reason for each: a test
//! compares it with the stack. [`host`] is the one way to host a service with them.

pub mod captured;
pub mod client;
pub mod faults;
pub mod host;
mod own;
pub mod reflection;
pub mod server;
pub mod tls;

#[cfg(test)]
mod order;
