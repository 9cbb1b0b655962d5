//! A layer around the gRPC services: refuses requests that are not gRPC, and corrects the status of
//! refused exports.
//!
//! tonic answers any POST with 200, whatever its content is, and puts the error into `grpc-status`,
//! which an exporter of OTLP/HTTP or Zipkin does not read.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt as _;
use tokio::time::timeout;
use tonic::{Code, Status};

use crate::traces::store::{Reason, TraceStore};

/// The largest export, after decompression. tonic's default of 4 MiB is less than what an
/// exporter may collect during an outage.
pub(super) const MAX_EXPORT_BYTES: usize = 16 * 1024 * 1024;

/// The paths of exporters that use another protocol: OTLP/HTTP, Zipkin, Jaeger's own.
const OTHER_PROTOCOLS: [&str; 8] = [
    // Some exporters add no path to the URL that they are given.
    "/",
    "/v1/traces",
    "/v1/logs",
    "/v1/metrics",
    "/v1development/profiles",
    "/api/v1/spans",
    "/api/v2/spans",
    "/api/traces",
];

/// All methods of OTLP begin so, also those that are not served.
const OTLP: &str = "/opentelemetry.proto.collector.";

/// How long the rest of a refused request is read: a client may read the answer only after it has
/// sent the whole request.
pub(super) const MAX_DISCARD_TIME: Duration = Duration::from_secs(2);

/// Answers what is not gRPC, and lets the services answer the rest.
pub(super) async fn answer(
    State(store): State<TraceStore>,
    request: Request,
    next: Next,
) -> Response {
    if let Some((reason, status)) = refuse(&request) {
        store.refuse(reason);
        let answer = explain(status, &request);
        // Whether the rest comes or not does not change the answer.
        let _ = timeout(MAX_DISCARD_TIME, discard(request.into_body())).await;
        return answer;
    }
    let mut answer = next.run(request).await;
    if let Some(reason) = name_refusal(&mut answer) {
        store.refuse(reason);
    }
    answer
}

/// Why the request is not one for the services, and the status that HTTP has for it.
fn refuse(request: &Request) -> Option<(Reason, StatusCode)> {
    let path = request.uri().path();
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let is_known = path.starts_with(OTLP) || OTHER_PROTOCOLS.contains(&path);
    match content_type.is_some_and(is_grpc) {
        // The services themselves refuse unknown methods.
        true if request.method() == Method::POST && request.version() == Version::HTTP_2 => None,
        true if request.method() == Method::POST => {
            Some((Reason::HttpVersion, StatusCode::HTTP_VERSION_NOT_SUPPORTED))
        }
        _ if !is_known => Some((Reason::NotFound, StatusCode::NOT_FOUND)),
        _ if request.method() != Method::POST => {
            Some((Reason::MethodNotAllowed, StatusCode::METHOD_NOT_ALLOWED))
        }
        _ => Some((
            Reason::UnsupportedMediaType,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        )),
    }
}

/// `application/grpc`, or with the format of its messages: `application/grpc+proto`. gRPC-Web, and
/// messages in another format, are not served.
/// Spec: [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
fn is_grpc(value: &HeaderValue) -> bool {
    let value = value.to_str().unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/grpc")
        || kind.eq_ignore_ascii_case("application/grpc+proto")
}

fn explain(status: StatusCode, request: &Request) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let found = format!(
        "{:?} {} {:?} with content-type {:?}",
        request.version(),
        request.method(),
        request.uri().path(),
        content_type.map_or("", |value| value.to_str().unwrap_or_default()),
    );
    let text = format!(
        "This port speaks OTLP/gRPC: expected HTTP/2.0 POST with content-type \
         \"application/grpc\", found {found}.\n\
         OpenTelemetry SDKs export so with OTEL_EXPORTER_OTLP_PROTOCOL=grpc; OTLP/HTTP has a port \
         of its own, usually 4318.\n"
    );
    let mut answer = (status, text).into_response();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allow = HeaderValue::from_static("POST");
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// Reads at most as much as an export may have.
pub(super) async fn discard(mut body: Body) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, bytes::Bytes::len);
        if read > MAX_EXPORT_BYTES {
            return;
        }
    }
}

/// Why the services refused a call; `None` if they did not.
///
/// tonic answers a message above the limit with `OUT_OF_RANGE`, and exporters would send it again.
/// OTLP demands `RESOURCE_EXHAUSTED` without `RetryInfo`, and exporters then drop it.
fn name_refusal(answer: &mut Response) -> Option<Reason> {
    let status = Status::from_header_map(answer.headers())?;
    let code = match status.code() {
        Code::OutOfRange => Code::ResourceExhausted,
        code => code,
    };
    if code != status.code() {
        let number = HeaderValue::from(i32::from(code));
        answer.headers_mut().insert(Status::GRPC_STATUS, number);
    }
    match code {
        Code::Ok => None,
        Code::ResourceExhausted => Some(Reason::TooLarge),
        Code::Unimplemented => Some(Reason::Unimplemented),
        Code::Internal | Code::InvalidArgument => Some(Reason::Malformed),
        _ => Some(Reason::Other),
    }
}
