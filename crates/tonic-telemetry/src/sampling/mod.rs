//! Which traces are recorded, decided where a trace begins.
//!
//! | `OTEL_TRACES_SAMPLER` | records | choose it for |
//! |---|---|---|
//! | `parentbased_always_on`, the default | what the caller records, and every trace that begins here | a demo, a test, a calm service |
//! | `parentbased_traceidratio` | the same share of traces in each service | a busy one |
//! | `parentbased_jaeger_remote` | what Jaeger says, per service and operation, from minute to minute | many busy ones |
//!
//! Metrics count every call, whatever is recorded, and an unsampled context still travels: its
//! trace id is in the log lines of every service.
//!
//! # Errors and slow calls
//!
//! All of these decide before anybody knows how a call ends, so at 1 % ninety-nine of a hundred
//! errors leave no trace. Keeping those that failed or were slow needs the whole trace, and
//! belongs to the collector (`tail_sampling`). What it keeps is no fair picture of the traffic:
//! a latency percentile or an error rate that is computed from such traces is too high. Ask the
//! metrics for rates, and an exemplar for the trace.

mod choose;
mod messages;
mod poll;
mod remote;
mod strategy;
#[cfg(test)]
mod tests;

pub(crate) use choose::choose;
use remote::RemoteSampler;
use strategy::Strategy;
