//! HTTP/JSON, for a browser and curl: a client of the gateway's own stack, in process.
//!
//! `GET /v1/users/{id}` is the rpc `GetUser` and `POST /v1/users` is `CreateUser`. The caller's
//! headers are passed on as metadata, so trace context, tokens, limits and refusals are those of
//! gRPC, written once. There is no span for HTTP: the server span of the rpc is the span of the
//! call.

mod error;
mod metadata;
mod resource;
mod users;

use std::{future::ready, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{
        Method, StatusCode, Uri,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING},
    },
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use hyper::service::{Service as _, service_fn};
use hyper_util::service::TowerToHyperService;
use listener::{Addresses, Handler, RequestBody, Settings, connections_within, has_one_host};
use opentelemetry::{
    propagation::TextMapPropagator as _,
    trace::{FutureExt as _, SpanContext, TraceContextExt as _, TraceFlags, TraceState},
};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};
use tokio::net::TcpListener;
use tonic::{Code, transport::server::TcpConnectInfo};
use tonic_resilience::{errors::ErrorReply, stack::Stack};
use tonic_telemetry::propagation::{Headers, W3cPropagator};

use error::{HttpError, refuse};

/// The longest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Serves `stack` until `shutdown` resolves, and at most `grace` longer.
pub(crate) async fn serve(
    listener: TcpListener,
    stack: impl Stack + Sync,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) {
    let settings = Settings {
        // Leaves descriptors for the gRPC and admin listeners.
        max_connections: connections_within(512, 4),
        grace,
        ..Settings::default()
    };
    let router = router(stack);
    let connect = move |stream, addresses| ready(Ok((stream, handler(router.clone(), addresses))));
    listener::serve(listener, settings, connect, shutdown).await;
}

/// The router, for a connection whose caller has an address.
fn handler(router: Router, addresses: Addresses) -> impl Handler {
    let router = TowerToHyperService::new(router);
    // A gRPC connection sets the same extension.
    let address = TcpConnectInfo {
        local_addr: addresses.local,
        remote_addr: addresses.peer,
    };
    service_fn(move |mut request: http::Request<RequestBody>| {
        request.extensions_mut().insert(address.clone());
        router.call(request)
    })
}

fn router<S: Stack + Sync>(stack: S) -> Router {
    Router::new()
        .route("/v1/users/{id}", get(users::get::<S>))
        .route("/v1/users", post(users::create::<S>))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(require_plain_body))
        .layer(middleware::from_fn(require_host))
        .layer(middleware::from_fn(with_trace_id))
        .with_state(stack)
}

const KNOWN: &str = "expected GET /v1/users/{id} or POST /v1/users";

/// Spec: [RFC 9112, 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2).
async fn require_host(request: Request, next: Next) -> Response {
    if has_one_host(&request) {
        return next.run(request).await;
    }
    let message = "expected one valid Host header";
    let reply = ErrorReply::new(Code::InvalidArgument, "INVALID_HOST", message);
    refuse(StatusCode::BAD_REQUEST, reply).into_response()
}

/// Refuses a compressed body, which would be read as if it were not.
///
/// Spec: [RFC 9110, 15.5.16](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16).
async fn require_plain_body(request: Request, next: Next) -> Response {
    let mut encodings = request.headers().get_all(CONTENT_ENCODING).iter();
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return next.run(request).await;
    }
    let message = "expected a body without Content-Encoding";
    let reply = ErrorReply::new(Code::InvalidArgument, "UNSUPPORTED_ENCODING", message);
    let refusal = refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, reply);
    ([(ACCEPT_ENCODING, "identity")], refusal).into_response()
}

async fn unknown_path(uri: Uri) -> HttpError {
    let reply = ErrorReply::new(Code::NotFound, "UNKNOWN_PATH", KNOWN);
    refuse(
        StatusCode::NOT_FOUND,
        reply.metadata("path", truncate(uri.path())),
    )
}

async fn wrong_method(method: Method) -> HttpError {
    let reply = ErrorReply::new(Code::Unimplemented, "WRONG_METHOD", KNOWN);
    let reply = reply.metadata("method", truncate(method.as_str()));
    refuse(StatusCode::METHOD_NOT_ALLOWED, reply)
}

/// The beginning of what a caller may have made long.
fn truncate(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Gives each request a trace id, that of its caller or a new one, for errors and log lines to
/// name: also a request that calls no rpc.
async fn with_trace_id(request: Request, next: Next) -> Response {
    let mut context = W3cPropagator::default().extract(&Headers(request.headers()));
    if !context.span().span_context().is_valid() {
        let ids = RandomIdGenerator::default();
        context = context.with_remote_span_context(SpanContext::new(
            ids.new_trace_id(),
            ids.new_span_id(),
            TraceFlags::NOT_SAMPLED,
            true,
            TraceState::NONE,
        ));
    }
    next.run(request).with_context(context).await
}
