//! How a call travels: deadlines, retries, breaker, balancing, identity, limits, health, drain.
//!
//! Each module is one mechanism and can be copied alone.

pub mod access_log;
pub mod authenticate;
pub mod authorize_peer;
pub mod balance;
pub mod catch_panic;
pub mod circuit_breaker;
pub mod client;
pub mod deadline;
pub mod dev;
pub mod ending;
pub mod errors;
pub mod health;
pub mod limit_concurrency;
pub mod limit_rate;
pub mod principal;
pub mod reload;
pub mod retry;
pub mod server;
mod services;
mod span;
pub mod stack;
pub mod strict_wire;
pub mod target;
pub mod tls;

#[cfg(test)]
mod testing;
