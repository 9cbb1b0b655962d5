//! How a call travels: deadlines, retries, breaker, balancing, identity, limits, health, drain.
//!
//! Each module is one mechanism and can be copied alone.

pub mod client;
pub mod errors;
pub mod health;
pub mod server;
pub mod target;
