//! One log line a call, when it is over: who called what, how it ended, how long it took.
//!
//! The line has the level of its code: `info` for `OK` and for the caller's own mistakes, `warn`
//! for what the server is to blame for. Texts that the caller chose are cut to 100 bytes, and the
//! log's JSON escapes the rest, so no caller can forge a line.

mod layer;
mod record;
mod service;

#[cfg(test)]
mod tests;

pub use self::{layer::AccessLogLayer, record::Record, service::AccessLog};
