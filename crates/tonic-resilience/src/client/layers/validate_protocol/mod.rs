//! The client's side: refuses answers that are not proper gRPC, and resets calls whose answer
//! nobody reads.
//!
//! tonic takes an answer without trailers, or with trailers within a message, for complete, calls a
//! message that is too large `OUT_OF_RANGE`, and panics at details that are no base64. It also goes
//! on sending the requests of a call whose answer is dropped: HTTP/2 resets a stream only when both
//! of its halves are dropped.

mod check;
mod request_body;

#[cfg(test)]
mod tests;

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use grpc_wire::{MessageReader, status_code};
use http::{Request, Response, StatusCode, response::Parts};
use tokio::sync::oneshot;
use tonic::body::Body;
use tower::BoxError;
use tower_layer::Layer;
use tower_service::Service;

use self::{
    check::{check, drop_unreadable_details},
    request_body::{Reader, RequestBody},
};
use crate::{
    response::{Hook, HookFuture, Next, response_future},
    stack::Stack,
};

/// Most bytes of one message, as tonic's own limit.
const MESSAGE_BYTES: u32 = 4 * 1024 * 1024;

/// Refuses answers that are not proper gRPC, and resets a call whose answer is dropped before its
/// requests have ended. Next to what connects.
///
/// | what comes | what the caller gets |
/// |---|---|
/// | a message above 4 MiB, by its prefix | `RESOURCE_EXHAUSTED` |
/// | a compression flag above 1, or 1 without an encoding | `INTERNAL` |
/// | an end within a message | `INTERNAL` |
/// | an end without a status | `UNKNOWN` |
///
/// ```
/// # use tonic_resilience::client::{balance::Balance, layers::validate_protocol::ValidateResponseLayer};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = tower::ServiceBuilder::new()
///     .layer(ValidateResponseLayer)
///     .service(Balance::default().connect(&"static:///127.0.0.1:50052".parse()?));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ValidateResponseLayer;

impl<S> Layer<S> for ValidateResponseLayer {
    type Service = ValidateResponse<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ValidateResponse { inner }
    }
}

/// Refuses answers that are not proper gRPC: made by [`ValidateResponseLayer`].
#[derive(Clone, Debug)]
pub struct ValidateResponse<S> {
    inner: S,
}

impl<S: Stack> Service<Request<Body>> for ValidateResponse<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let (reader, gone) = oneshot::channel();
        let body = RequestBody {
            inner: mem::take(request.body_mut()),
            gone: Some(gone),
        };
        *request.body_mut() = Body::new(body);
        let answer = Answer {
            messages: None,
            reader: Some(reader),
        };
        HookFuture::pass(self.inner.call(request), answer).into()
    }
}

response_future! {
    /// The response future of [`ValidateResponse`].
    Answer
}

/// Makes an answer fail when its messages are not proper gRPC.
#[derive(Debug)]
struct Answer {
    // `None` where nothing is checked.
    messages: Option<MessageReader>,
    reader: Option<Reader>,
}

impl Hook for Answer {
    /// Passes the error on unchanged: the layers above tell kinds of errors apart.
    fn error<E: Into<BoxError>>(self: Pin<&mut Self>, error: E) -> Result<Response<Body>, E> {
        Err(error)
    }

    fn headers(mut self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        drop_unreadable_details(&mut headers.headers);
        // A trailers-only response has no messages, and a response other than 200 is not gRPC.
        let plain = headers.status != StatusCode::OK || status_code(&headers.headers).is_some();
        Some(Self {
            messages: (!plain).then(|| MessageReader::new(&headers.headers, MESSAGE_BYTES)),
            reader: self.reader.take(),
        })
    }

    fn frame(mut self: Pin<&mut Self>, mut next: Next) -> Next {
        if let Some(messages) = &mut self.messages
            && !matches!(&next, Some(Err(_)))
        {
            let frame = next.as_mut().and_then(|frame| frame.as_mut().ok());
            if let Err(status) = check(messages, frame) {
                next = Some(Err(status));
            }
        }
        if !matches!(&next, Some(Ok(frame)) if frame.is_data()) {
            self.reader = None;
        }
        next
    }
}
