//! How a batch travels to the collector: OTLP by gRPC or HTTP, and what its answer means.
//!
//! By gRPC an [`OtlpClient`] sends one batch in each call, and reads the status and its details
//! itself. By HTTP the exporter of `opentelemetry-otlp` sends spans, with a client of ours that
//! keeps the answer. The [`queue`](crate::queue) decides what is sent again.

pub(crate) mod endpoint;
mod http;
mod items;
mod otlp;

pub(crate) use endpoint::{Address, RequestOptions};
pub(crate) use http::{Answer, SdkExporter, http_exporter};
pub(crate) use otlp::{OtlpClient, OtlpItem};
