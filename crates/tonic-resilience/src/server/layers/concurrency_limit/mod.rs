//! At most so many calls at a time; one more is refused at once.
//!
//! A server that takes more work than it can do answers all of it late. Refusing early keeps the
//! answers of the rest fast, and costs next to nothing. A stream counts until its last message:
//! limits that count until the headers, as tower's does, do not see streams. Streams may have a part
//! of the places alone, so that those who wait for nothing but a message leave room for the others.
//!
//! The refusal is `RESOURCE_EXHAUSTED` with `RetryInfo`, and the reason `TOO_MANY_CALLS` or
//! `TOO_MANY_STREAMS`. Visible as the span event `shed`, a debug
//! log line, and `code="RESOURCE_EXHAUSTED"` in the metrics of the call.

mod layer;
mod service;

#[cfg(test)]
mod tests;

pub use self::{
    layer::ConcurrencyLimitLayer,
    service::{ConcurrencyLimit, Permit},
};
