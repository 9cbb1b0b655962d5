//! Prometheus metrics: the RPC families, exemplars, and the page that a scrape gets.
//!
//! ```text
//!  an observed call ──► Durations ──► ExemplarHistogram ──► prometheus::Histogram ─┐
//!   (once, at its end)  child by code                   ├─► newest trace by bucket ─┤
//!                                                       └─► native buckets ─────────┤
//!                                                                                   ▼
//!  GET /metrics, Accept ──► Registry::encode ──► text 0.0.4, OpenMetrics or protobuf
//! ```
//!
//! The `prometheus` crate has neither exemplars nor native histograms, nor the formats that can
//! carry them: a side table holds the data, and encoders of our own write the formats. OpenMetrics
//! has exemplars, protobuf has exemplars and native histograms, and both have the creation time of
//! a series. The text format is written by the crate.

mod accept;
mod created;
mod durations;
mod exemplar;
mod family;
mod histogram;
mod names;
mod native;
mod openmetrics;
#[cfg(all(feature = "process", target_os = "linux"))]
mod process;
mod protobuf;
mod registry;
mod rpc;

pub use histogram::{ExemplarHistogram, ExemplarHistogramVec};
pub use names::RpcMetricNames;
pub use openmetrics::OPENMETRICS_FORMAT;
pub use protobuf::PROTOBUF_FORMAT;
pub use registry::Registry;
pub use rpc::DURATION_BUCKETS;

pub(crate) use durations::Durations;
pub(crate) use names::SubjectPeer;
pub(crate) use rpc::{CallCounts, ServerCounters};
