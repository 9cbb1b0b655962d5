//! W3C Baggage: values that travel with a request through all services.
//!
//! Only allowed keys pass: baggage reaches every service that a service calls, and may hold data
//! that the caller did not mean for them. Nothing of it is copied into spans or log lines.
//! Spec: [Baggage](https://www.w3.org/TR/baggage/).

mod member;
mod propagator;
#[cfg(test)]
mod tests;

use member::Member;
pub use propagator::BaggagePropagator;
pub(crate) use propagator::baggage_of;
