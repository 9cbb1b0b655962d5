//! The door for operators: `/metrics`, `/healthz` and `/readyz`, on a port of its own.
//!
//! Apart from the RPC port, so that no limit of the one can silence the other.

mod routes;
mod serve;

pub use serve::serve;
