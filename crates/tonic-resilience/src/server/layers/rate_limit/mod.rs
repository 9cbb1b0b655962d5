//! So many calls a second for each caller, with a burst: nobody can use up what is there for all.
//!
//! A caller is a [`Principal`](crate::server::principal::Principal) when the identity layers found one, and
//! the address of the connection otherwise (of IPv6 its first 64 bits). The algorithm is
//! [GCRA][gcra]: one moment per caller
//! says all, and there is no timer. The memory is bounded: when the table is full, callers who have
//! their whole burst again are forgotten, for they are like new.
//!
//! The refusal is `RESOURCE_EXHAUSTED`, with `RetryInfo` that says when the next call will pass.
//! Visible as the span event `rate_limited`, an info log line, and the `code` in the metrics.
//!
//! [gcra]: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm

mod layer;
mod service;
mod table;

#[cfg(test)]
mod tests;

pub use self::{layer::RateLimitLayer, service::RateLimit};
