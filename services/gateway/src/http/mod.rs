//! The HTTP/JSON door, for a browser and curl: a client of the gateway's own stack, in process.
//!
//! `GET /v1/users/{id}` is the rpc `GetUser` and `POST /v1/users` is `CreateUser`. The caller's
//! headers go along as metadata; so trace context, tokens, limits and refusals are those of gRPC,
//! written once. There is no span for HTTP: the server span of the rpc is the span of the call.

mod error;
mod metadata;
mod resource;
mod users;

use std::{io, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};
use tokio::net::TcpListener;
use tonic::Code;
use transport::stack::Stack;

use error::{HttpError, refuse};

/// The longest body of a request, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// Serves `stack` until `shutdown` resolves, and at most `grace` longer.
pub(crate) async fn serve(
    listener: TcpListener,
    stack: impl Stack + Sync,
    shutdown: impl Future<Output = ()> + Clone + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let serving = axum::serve(listener, router(stack))
        .with_graceful_shutdown(shutdown.clone())
        .into_future();
    let out_of_time = async {
        shutdown.await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = out_of_time => Ok(()),
    }
}

fn router<S: Stack + Sync>(stack: S) -> Router {
    Router::new()
        .route("/v1/users/{id}", get(users::get::<S>))
        .route("/v1/users", post(users::create::<S>))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(stack)
}

const KNOWN: &str = "expected GET /v1/users/{id} or POST /v1/users";

async fn unknown_path() -> HttpError {
    refuse(Code::NotFound, StatusCode::NOT_FOUND, "UNKNOWN_PATH", KNOWN)
}

async fn wrong_method() -> HttpError {
    refuse(
        Code::Unimplemented,
        StatusCode::METHOD_NOT_ALLOWED,
        "WRONG_METHOD",
        KNOWN,
    )
}
