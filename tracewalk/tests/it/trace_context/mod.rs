//! W3C Trace Context and Baggage through the three services, strict.
//!
//! The gateway and the user service are real processes. The test calls the one through either of
//! its listeners, and answers the other as its profile service: what arrives there is judged.
//! The cases are those of the public harness of the specification, and more of their kind.

mod baggage;
mod chain;
mod traceparent;
mod tracestate;
mod trust;
