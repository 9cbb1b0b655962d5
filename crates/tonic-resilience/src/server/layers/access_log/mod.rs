//! One log line a call, when it is over: who called what, how it ended, how long it took.
//!
//! The line has the level of its code: `info` for `OK` and for the caller's own mistakes, `warn`
//! for what the server is to blame for. Of texts that the caller chose it has what cannot hold a
//! secret or forge a line: the name of a method that there is, and of a user agent its products with
//! their versions.

mod layer;
mod record;
mod service;
mod user_agent;

#[cfg(test)]
mod tests;

pub use self::{layer::AccessLogLayer, record::Record, service::AccessLog};
