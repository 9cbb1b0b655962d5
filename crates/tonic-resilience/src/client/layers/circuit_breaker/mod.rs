//! Stops calling a server that fails, and asks now and then whether it is back.
//!
//! Calls that are bound to fail cost the caller their deadline, and keep a server that is down
//! from getting up. The rule:
//!
//! ```text
//!           10 calls or more and half of them fail, in the last 10 s
//!   CLOSED ───────────────────────────────────────────────────────► OPEN: all refused
//!     ▲                                                              │ 5 s later, at the next call
//!     │ 3 probes succeed                                             ▼
//!     └────────────────────────────────────────────────────────── HALF-OPEN: 3 probes, the rest
//!                                                                    │       refused
//!                                                   one probe fails ─┴─► OPEN
//! ```
//!
//! A call fails when its status says that the server is in trouble: `UNAVAILABLE`,
//! `DEADLINE_EXCEEDED`, `INTERNAL`, `UNKNOWN`, `DATA_LOSS`. The status counts wherever it comes, so
//! a stream that breaks counts. A call whose time was over counts when this process set
//! that time, and not at all when its caller did: a caller in a hurry says nothing of the server.
//! Neither does a caller who gives up, nor a call that was refused before it was sent. The result
//! of a call that began before a change of state is ignored.
//!
//! A stream may last for hours, and its last message may never come. As a probe it succeeds with its
//! headers. A probe that has neither these nor an end when 5 s are over makes room for another one.
//!
//! The refusal is `UNAVAILABLE` with `RetryInfo`, and with a pushback that keeps the retries quiet.
//! Visible as the span attribute `tracewalk.breaker_state`, a log line at each change, and the
//! metrics `circuit_breaker_state{target}` (0 closed, 1 half-open, 2 open),
//! `circuit_breaker_transitions_total{target,to}` and `circuit_breaker_refused_total{target}`.
//! Pattern: [Circuit Breaker](https://martinfowler.com/bliki/CircuitBreaker.html).

mod breaker;
mod layer;
mod metrics;
mod service;
mod window;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use self::{
    breaker::Settings,
    layer::CircuitBreakerLayer,
    metrics::BreakerMetrics,
    service::{Admission, CircuitBreaker},
};
