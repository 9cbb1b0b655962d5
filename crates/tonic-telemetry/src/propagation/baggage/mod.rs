//! W3C Baggage: values that travel with a request through all services.
//!
//! Off, but for the keys that are named: baggage reaches whomever a service calls, and may hold
//! what a caller never meant for them. Nothing of it is copied into spans or log lines.
//! Spec: [Baggage](https://www.w3.org/TR/baggage/).

mod member;
mod propagator;
#[cfg(test)]
mod tests;

use member::Member;
pub use propagator::BaggagePropagator;
pub(crate) use propagator::baggage_of;
