//! Takes spans and log records over OTLP, by gRPC and by HTTP.

mod decode;
mod decode_logs;
mod endpoint;
mod gate;
mod http;
mod json;
mod receiver;
mod value;

use std::future::Future;

use axum::middleware::from_fn_with_state;
use opentelemetry_proto::tonic::collector::{
    logs::v1::logs_service_server::LogsServiceServer,
    trace::v1::trace_service_server::TraceServiceServer,
};
use tokio::net::TcpListener;
use tonic::{codec::CompressionEncoding, service::Routes};

use super::store::TraceStore;
use crate::http::{ServeError, serve as serve_router};
pub(crate) use decode::insert;
use endpoint::MAX_EXPORT_BYTES;
pub use gate::Gate;
pub use http::serve_http;
pub(crate) use json::read_traces;
use receiver::Receiver;

/// Receives spans and log records on `listener` and keeps them in `store`, until `shutdown` ends.
///
/// Speaks OTLP/gRPC, plain or with gzip, up to 16 MiB an export. Spans with an id of the wrong
/// length, or beyond the [limit of their trace](crate::Limits::max_spans_per_trace), are counted
/// in the answer's `partial_success`; the other spans of the export are kept. Log records without
/// a trace are not kept, because no page shows them.
///
/// An export that is too large is `RESOURCE_EXHAUSTED` without `RetryInfo`, because it would be too
/// large again. A request that is not gRPC is refused by an HTTP status, so that an exporter of
/// OTLP/HTTP or Zipkin does not take the answer for success.
/// [`Stats::refused_requests`](crate::Stats) counts both.
/// There is no authentication: bind to a loopback address.
///
/// # Errors
///
/// [`ServeError`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    store: TraceStore,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_behind(Gate::default(), listener, store, shutdown).await
}

/// As [`serve`], behind a gate that can be closed.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_behind(
    gate: Gate,
    listener: TcpListener,
    store: TraceStore,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let receiver = Receiver::new(gate, store.clone());
    let spans = TraceServiceServer::new(receiver.clone())
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MAX_EXPORT_BYTES);
    let logs = LogsServiceServer::new(receiver)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MAX_EXPORT_BYTES);
    let guard = from_fn_with_state(store, endpoint::answer);
    let services = Routes::new(spans).add_service(logs).into_axum_router();
    serve_router(listener, services.layer(guard), shutdown).await
}
