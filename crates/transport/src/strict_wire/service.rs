use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::{Either, Ready, ready};
use http::{HeaderMap, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use tonic::{Code, body::Body};
use tower_service::Service;

use super::{StrictWireLayer, body::StrictBody, fault};
use crate::stack::{CallFuture, Stack};

/// Refuses what is not proper gRPC: made by [`StrictWireLayer`].
#[derive(Clone, Debug)]
pub struct StrictWire<S> {
    inner: S,
    rules: Arc<StrictWireLayer>,
}

impl<S> StrictWire<S> {
    pub(super) fn new(inner: S, rules: StrictWireLayer) -> Self {
        Self {
            inner,
            rules: Arc::new(rules),
        }
    }

    /// The answer to a request that is at fault in its head.
    fn refuse(&self, request: &Request<Body>) -> Option<Response<Body>> {
        if request.method() != Method::POST {
            return Some(bare(StatusCode::METHOD_NOT_ALLOWED));
        }
        if !is_grpc(request.headers()) {
            return Some(bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let limit = self.rules.limits.metadata_bytes;
        if size_of(request.headers()) > limit {
            let message = format!("the metadata is larger than the limit of {limit} bytes");
            let status = fault(Code::ResourceExhausted, "METADATA_TOO_LARGE", message);
            return Some(status.into_http());
        }
        None
    }
}

impl<S: Stack> Service<Request<Body>> for StrictWire<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response<Body>, S::Error>>, CallFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(refusal) = self.refuse(&request) {
            return Either::Left(ready(Ok(refusal)));
        }
        let takes_one = self.rules.takes_one_message(request.uri().path());
        let limit = self.rules.limits.message_bytes;
        let request = request.map(|body| Body::new(StrictBody::new(body, limit, takes_one)));
        Either::Right(CallFuture::pass(self.inner.call(request)))
    }
}

/// An answer to a peer that does not speak gRPC, which would not understand a gRPC status.
fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = http::HeaderValue::from_static("POST");
        response.headers_mut().insert(http::header::ALLOW, allowed);
    }
    tracing::debug!(%status, "the call is not gRPC");
    response
}

/// `application/grpc`, alone or with a suffix such as `+proto` or parameters.
fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    content_type
        .strip_prefix(b"application/grpc")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Names and values with 32 bytes for each pair, as HTTP/2 counts them.
fn size_of(headers: &HeaderMap) -> usize {
    let pair = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + 32
    };
    headers.iter().map(pair).sum()
}
