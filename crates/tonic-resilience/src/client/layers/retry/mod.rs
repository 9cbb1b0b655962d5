//! Tries again where that is safe and may help, as [gRFC A6][a6] says.
//!
//! A call is tried again when all of this holds:
//!
//! - its method is listed: it is idempotent, and its request is one message;
//! - the answer is a status without headers or messages before it, hence nothing was seen of it
//!   yet (after headers a call is *committed*), and the status is in the policy;
//! - attempts are left, the wait ends before the deadline, and the server does not ask for peace
//!   with `grpc-retry-pushback-ms`;
//! - the budget that all calls share has tokens. When a server fails every call, it empties after
//!   a few retries, and the load on the server stays what it was.
//!
//! Visible as one span for the call and one for each attempt, the attributes `tracewalk.attempts`
//! and `tracewalk.retry_stopped_by`, the metadata `grpc-previous-rpc-attempts` on the wire, an info
//! log line a retry, and the metrics `grpc_client_retries_total{service,method,reason}` and
//! `grpc_client_retry_budget_exhausted_total{target}`.
//!
//! [a6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md

mod attempts;
mod backoff;
mod budget;
mod layer;
mod metrics;
mod policy;
mod replay;
mod service;

#[cfg(test)]
mod tests;

pub use self::{layer::RetryLayer, metrics::RetryMetrics, policy::RetryPolicy, service::Retry};
