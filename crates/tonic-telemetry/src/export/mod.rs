//! How a batch travels to the collector: OTLP by gRPC or HTTP, and what its answer means.
//!
//! By gRPC an [`OtlpClient`] sends one batch in each call, and reads the status and its details
//! itself; spans are encoded where they end, into [`EncodedSpans`]. By HTTP the exporter of `opentelemetry-otlp` sends spans, with a client of ours that
//! keeps the answer. The [`queue`](crate::queue) decides what is sent again.

pub(crate) mod endpoint;
#[cfg(feature = "otlp-http")]
mod http;
mod logs;
mod otlp;
mod sdk;
mod spans;

pub(crate) use endpoint::{Address, RequestOptions};
#[cfg(feature = "otlp-http")]
pub(crate) use http::http_exporter;
pub(crate) use otlp::{OtlpBatch, OtlpClient};
pub(crate) use sdk::{Answer, SdkExporter};
pub(crate) use spans::EncodedSpans;
