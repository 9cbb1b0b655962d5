//! The messages of `jaeger.api_v2.SamplingManager`, by their field numbers. Comments are ours.

use prost::Message;

/// The service that asks.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StrategyRequest {
    #[prost(string, tag = "1")]
    pub(super) service_name: String,
}

/// How traces of the service are sampled: by operation, or else by a rate, or else by a ratio.
/// Field 1 is a kind that newer servers leave unset.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StrategyResponse {
    #[prost(message, optional, tag = "2")]
    pub(super) probabilistic: Option<Probabilistic>,
    #[prost(message, optional, tag = "3")]
    pub(super) rate_limiting: Option<RateLimiting>,
    #[prost(message, optional, tag = "4")]
    pub(super) by_operation: Option<ByOperation>,
}

/// A share of all traces, between 0 and 1.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Probabilistic {
    #[prost(double, tag = "1")]
    pub(super) ratio: f64,
}

/// Traces a second.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RateLimiting {
    #[prost(int32, tag = "1")]
    pub(super) traces_per_second: i32,
}

/// A share for each operation, which is a span name, and one for all others.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ByOperation {
    #[prost(double, tag = "1")]
    pub(super) default_ratio: f64,
    /// Traces a second of an operation that are sampled however small its ratio is.
    #[prost(double, tag = "2")]
    pub(super) lower_bound: f64,
    #[prost(message, repeated, tag = "3")]
    pub(super) operations: Vec<Operation>,
}

/// The share of one operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Operation {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "2")]
    pub(super) probabilistic: Option<Probabilistic>,
}
