//! Answers `INTERNAL` when a handler panics; other calls are not affected.
//!
//! Without this layer a panic resets the stream: the caller sees a protocol error, and the layers
//! outside learn no code. Streams are covered as well: a panic while the body is polled ends it
//! with `INTERNAL` in the trailers. The caller learns nothing of the panic's text.
//!
//! Visible as the span event `panic`, an error log line with the text, and `code="INTERNAL"`.
//! Needs `panic = "unwind"`, the default.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use grpc_wire::status_code;
use http::{Request, Response, response::Parts};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    errors::ErrorReply,
    response::{Hook, HookFuture, response_future},
    span,
    stack::Stack,
};

/// Turns panics into `INTERNAL`. Right around the handlers, inside all other layers.
///
/// ```
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(tonic_resilience::server::layers::catch_panic::CatchPanicLayer)
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CatchPanicLayer;

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanic<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CatchPanic { inner }
    }
}

/// Turns panics into `INTERNAL`: made by [`CatchPanicLayer`].
#[derive(Clone, Debug)]
pub struct CatchPanic<S> {
    inner: S,
}

impl<S: Stack> Service<Request<Body>> for CatchPanic<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match caught(|| self.inner.call(request)) {
            Ok(call) => HookFuture::pass(call, Catch),
            Err(status) => HookFuture::answer(status.into_http()),
        }
        .into()
    }
}

// === impl CatchPanic: what it does to a response ===

/// Catches panics: the service inside may panic each time that it is polled.
#[derive(Debug)]
struct Catch;

response_future! {
    /// The response future of [`CatchPanic`].
    Catch
}

impl Hook for Catch {
    fn poll<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        match caught(|| inner(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(status) => Poll::Ready(Err(status)),
        }
    }

    fn headers(self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        status_code(&headers.headers).is_none().then_some(Self)
    }
}

/// Runs `work`; a panic becomes the status that the caller gets.
///
/// What `work` left half done is dropped right after, hence no broken state is seen again.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Status> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        tracing::error!(panic = text_of(panic.as_ref()), "the handler panicked");
        span::event("panic");
        ErrorReply::new(Code::Internal, "PANIC", "the handler failed").into_status()
    })
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("not a text")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures_util::{StreamExt, stream};
    use http::Response;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use tonic::{Code, body::Body};
    use tower::Layer;

    use super::CatchPanicLayer;
    use crate::testing::{answer_in_trailers, code, handler, request};

    #[tokio::test]
    async fn a_panic_before_the_headers_is_internal() {
        let at_once = CatchPanicLayer.layer(tower::service_fn(|request: http::Request<Body>| {
            assert!(request.uri().path().is_empty(), "in call");
            std::future::ready(Ok::<_, Infallible>(answer_in_trailers(Code::Ok)))
        }));
        assert_eq!(code(at_once, request()).await, Code::Internal);

        let later = CatchPanicLayer.layer(handler(|_| async { panic!("{} {}", "in", "poll") }));
        assert_eq!(code(later, request()).await, Code::Internal);
    }

    #[tokio::test]
    async fn a_panic_in_a_stream_ends_it_with_internal() {
        let stack = CatchPanicLayer.layer(handler(|_| async {
            let frames = stream::iter([1, 2]).map(|number| {
                assert_eq!(number, 1, "the second message panics");
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(crate::testing::MESSAGE)))
            });
            Response::new(Body::new(StreamBody::new(frames)))
        }));
        assert_eq!(code(stack, request()).await, Code::Internal);
    }

    #[tokio::test]
    async fn answers_pass_unchanged() {
        let stack =
            CatchPanicLayer.layer(handler(|_| async { answer_in_trailers(Code::NotFound) }));
        assert_eq!(code(stack, request()).await, Code::NotFound);
    }
}
