//! OTLP over HTTP: `POST /v1/traces` and `/v1/logs`, as protobuf or as JSON, plain or with gzip.
//!
//! Spec: [OTLP/HTTP](https://opentelemetry.io/docs/specs/otlp/#otlphttp).

mod body;
mod format;
mod refusal;

use std::future::Future;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
    trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
};
use prost::Message as _;
use serde_json::json;
use tokio::{net::TcpListener, task::spawn_blocking};

use super::{decode_logs, json, receiver};
use crate::{
    http::{ServeError, serve},
    traces::store::{Reason, TraceStore},
};
use format::Format;
use refusal::Refusal;

/// Receives spans and log records over OTLP/HTTP on `listener` and keeps them in `store`, until
/// `shutdown` ends.
///
/// Takes `POST /v1/traces` and `/v1/logs` as `application/x-protobuf` or `application/json`, plain or
/// with gzip, up to 16 MiB an export, also after decompression. What is kept is the same as with
/// [`serve`](super::serve()). An export that is refused gets an HTTP status that exporters do not send
/// again, and a message of `google.rpc.Status`; [`Stats::refused_requests`](crate::Stats) counts it.
/// Metrics are refused: they are scraped. There is no authentication: bind to a loopback address.
///
/// # Errors
///
/// [`ServeError`] when the listener fails.
pub async fn serve_http(
    listener: TcpListener,
    store: TraceStore,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let router = Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/logs", post(logs))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(store);
    serve(listener, router, shutdown).await
}

async fn traces(State(store): State<TraceStore>, request: Request) -> Response {
    export(store, request, |store, format, body| {
        let spans = match format {
            Format::Protobuf => ExportTraceServiceRequest::decode(body)?.resource_spans,
            Format::Json => json::read_export(body)?,
        };
        let partial_success = receiver::keep_spans(store, spans);
        let answer = partial_success.as_ref().map_or_else(
            || json!({}),
            |partial| {
                json!({ "partialSuccess": {
                    "rejectedSpans": partial.rejected_spans.to_string(),
                    "errorMessage": partial.error_message,
                } })
            },
        );
        let message = ExportTraceServiceResponse { partial_success };
        Ok(format.answer(StatusCode::OK, &message, &answer))
    })
    .await
}

async fn logs(State(store): State<TraceStore>, request: Request) -> Response {
    export(store, request, |store, format, body| {
        let records = match format {
            Format::Protobuf => ExportLogsServiceRequest::decode(body)?.resource_logs,
            Format::Json => json::read_logs(body)?,
        };
        decode_logs::insert(store, records);
        let message = ExportLogsServiceResponse::default();
        Ok(format.answer(StatusCode::OK, &message, &json!({})))
    })
    .await
}

/// Reads an export and lets `keep` decode it and answer; refuses and counts what cannot be read.
async fn export(
    store: TraceStore,
    request: Request,
    keep: impl FnOnce(&TraceStore, Format, &[u8]) -> Result<Response, Refusal> + Send + 'static,
) -> Response {
    let format = Format::of(request.headers());
    let refused = |refusal: Refusal| {
        store.refuse(refusal.reason());
        let format = format.unwrap_or(Format::Json);
        refusal.answer(format)
    };
    let Some(format) = format else {
        let kind = header_text(request.headers(), header::CONTENT_TYPE);
        body::drain(request.into_body()).await;
        return refused(Refusal::ContentType(kind));
    };
    let encoding = header_text(request.headers(), header::CONTENT_ENCODING);
    let packed = match body::read(request.into_body()).await {
        Ok(packed) => packed,
        Err(refusal) => return refused(refusal),
    };
    let kept_in = store.clone();
    let kept = spawn_blocking(move || keep(&kept_in, format, &body::unpack(&encoding, packed)?));
    let kept = kept.await.expect("no export makes it panic");
    kept.unwrap_or_else(refused)
}

async fn unknown(State(store): State<TraceStore>, uri: Uri, request: Request) -> Response {
    store.refuse(Reason::NotFound);
    body::drain(request.into_body()).await;
    let text = match uri.path() {
        "/v1/metrics" => {
            "Metrics are not taken over OTLP but scraped: start with --scrape NAME=HOST:PORT.\n"
                .to_owned()
        }
        path => format!(
            "This port speaks OTLP/HTTP: expected POST /v1/traces or /v1/logs, found {path:?}.\n"
        ),
    };
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn wrong_method(State(store): State<TraceStore>, method: Method) -> Response {
    store.refuse(Reason::MethodNotAllowed);
    let text = format!("This port speaks OTLP/HTTP: expected POST, found {method}.\n");
    (StatusCode::METHOD_NOT_ALLOWED, text).into_response()
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> String {
    let value = headers.get(name).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}
