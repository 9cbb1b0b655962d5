//! How a batch travels to the collector: OTLP by gRPC or HTTP, and what its answer means.
//!
//! By gRPC an [`OtlpClient`] sends one batch in each call, and reads the status and its details
//! itself. By HTTP the exporter of `opentelemetry-otlp` sends spans, with a client of ours that
//! keeps the answer. The [`queue`](crate::queue) decides what is sent again.

pub(crate) mod endpoint;
#[cfg(feature = "otlp-http")]
mod http;
mod items;
mod otlp;
mod sdk;

pub(crate) use endpoint::{Address, RequestOptions};
#[cfg(feature = "otlp-http")]
pub(crate) use http::http_exporter;
pub(crate) use otlp::{OtlpClient, OtlpItem};
pub(crate) use sdk::{Answer, SdkExporter};
