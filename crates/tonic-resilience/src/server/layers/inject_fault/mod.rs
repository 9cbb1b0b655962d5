//! Faults that a caller asks for: how the mechanisms of this crate are seen at work.
//!
//! They travel with the call, in the W3C baggage entry `tracewalk.fault`, so one call fails and
//! those beside it do not, and a fault reaches a hop that its caller never talks to:
//!
//! ```text
//! baggage: tracewalk.fault=profile/GetProfile:delay=800ms&user:error_rate=0.5
//! ```
//!
//! | fault | what befalls the call |
//! |---|---|
//! | `delay=800ms` | it waits before the handler; goes with each of the others |
//! | `error=UNAVAILABLE` | it fails with this code |
//! | `fail_first=2` | its first two attempts fail with `UNAVAILABLE` |
//! | `error_rate=0.5` | it fails with `UNAVAILABLE`, with this probability |
//! | `hang` | it is never answered |
//! | `panic` | the handler panics |
//! | `drop_context` | the handler forgets the trace: the next hop begins another |
//!
//! Of several that end a call, the first counts. Whoever can send baggage can ask for faults, so a
//! production server has no such layer. Visible as the span attribute `tracewalk.fault`, and an info
//! log line. What cannot be read is refused with `INVALID_ARGUMENT`: a typo must not look like a
//! system that copes.

mod fault;
mod future;
mod layer;
mod parse;
mod plan;
mod service;

#[cfg(test)]
mod tests;

pub use self::{
    fault::{Fault, Faults, Kind},
    future::InjectFaultFuture,
    layer::InjectFaultLayer,
    parse::ParseFaultError,
    service::InjectFault,
};

/// The key of the baggage entry, and of the span attribute.
pub const KEY: &str = "tracewalk.fault";
