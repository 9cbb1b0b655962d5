//! One response future and one body for all layers. What a layer does to a response is its [`Hook`].
//!
//! A layer exports an opaque [`response_future!`] of its own, so that its hook stays private.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Response, response::Parts};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Status, body::Body};
use tower::BoxError;

use crate::stack::{refused, status_of_error, trailers};

/// What a body has next; `None` is its end.
pub(crate) type Next = Option<Result<Frame<Bytes>, Status>>;

/// What a layer does to the response of one call; without an implementation, nothing.
pub(crate) trait Hook: Sized {
    /// Polls what is inside of the layer, for the headers and then for each frame.
    ///
    /// An error ends the call with this status: in the headers, or in the trailers after them. What
    /// is inside is dropped, which cancels it.
    fn poll<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        inner(cx).map(Ok)
    }

    /// Turns an error from inside into a response, whose headers come next, or passes the error on.
    fn error<E: Into<BoxError>>(self: Pin<&mut Self>, error: E) -> Result<Response<Body>, E> {
        Ok(status_of_error(error.into()).into_http())
    }

    /// Called with the headers; returns the hook of the body, where that needs one.
    fn headers(self: Pin<&mut Self>, _headers: &mut Parts) -> Option<Self> {
        None
    }

    /// Called with the next frame of the body, or its end; returns the frame to pass on.
    fn frame(self: Pin<&mut Self>, next: Next) -> Next {
        next
    }
}

/// For a layer that only lets calls pass or refuses them.
impl Hook for () {}

/// For a layer that leaves some calls alone.
impl<H: Hook> Hook for Option<H> {
    fn poll<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        match self.as_pin_mut() {
            Some(hook) => hook.poll(cx, inner),
            None => inner(cx).map(Ok),
        }
    }

    fn error<E: Into<BoxError>>(self: Pin<&mut Self>, error: E) -> Result<Response<Body>, E> {
        match self.as_pin_mut() {
            Some(hook) => hook.error(error),
            None => Ok(status_of_error(error.into()).into_http()),
        }
    }

    fn headers(self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        self.as_pin_mut()?.headers(headers).map(Some)
    }

    fn frame(self: Pin<&mut Self>, next: Next) -> Next {
        match self.as_pin_mut() {
            Some(hook) => hook.frame(next),
            None => next,
        }
    }
}

pin_project! {
    /// The response to a call that passed a layer with this hook, or that it answered itself.
    #[derive(Debug)]
    pub(crate) struct HookFuture<F, H> {
        // Dropped before the hook: when the hook is dropped, the call is over.
        #[pin]
        inner: Option<F>,
        #[pin]
        hook: Option<H>,
        // Boxed, because it is rare, and there is room for one in each layer of a stack.
        answer: Option<Box<Response<Body>>>,
    }
}

impl<F, H> HookFuture<F, H> {
    /// Lets the call pass.
    pub(crate) fn pass(inner: F, hook: H) -> Self {
        Self {
            inner: Some(inner),
            hook: Some(hook),
            answer: None,
        }
    }

    /// Answers at once, without a call.
    pub(crate) fn refuse(refusal: Status) -> Self {
        Self::answer(refused(refusal))
    }

    /// Answers at once, with a response of the layer.
    pub(crate) fn answer(answer: Response<Body>) -> Self {
        Self {
            inner: None,
            hook: None,
            answer: Some(Box::new(answer)),
        }
    }
}

impl<F, H, B, E> Future for HookFuture<F, H>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
    H: Hook + Send + 'static,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(answer) = this.answer.take() {
            return Poll::Ready(Ok(*answer));
        }
        let calling = this.inner.as_mut().as_pin_mut().zip(this.hook.as_pin_mut());
        let (inner, mut hook) = calling.expect("a future is not polled after it is ready");
        let (mut headers, body) = match ready!(hook.as_mut().poll(cx, |cx| inner.poll(cx))) {
            Ok(Ok(response)) => {
                let (headers, body) = response.into_parts();
                (headers, Body::new(body))
            }
            Ok(Err(error)) => hook.as_mut().error(error)?.into_parts(),
            Err(status) => {
                this.inner.set(None);
                return Poll::Ready(Ok(status.into_http()));
            }
        };
        let body = match hook.headers(&mut headers) {
            Some(hook) => Body::new(HookBody::new(body, hook)),
            None => body,
        };
        Poll::Ready(Ok(Response::from_parts(headers, body)))
    }
}

pin_project! {
    /// A body with a hook.
    #[derive(Debug)]
    pub(crate) struct HookBody<H> {
        // `None` when it has ended.
        #[pin]
        inner: Option<Body>,
        #[pin]
        hook: H,
    }
}

impl<H> HookBody<H> {
    pub(crate) fn new(inner: Body, hook: H) -> Self {
        Self {
            inner: Some(inner),
            hook,
        }
    }
}

impl<H: Hook> http_body::Body for HookBody<H> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let next = match ready!(this.hook.as_mut().poll(cx, |cx| inner.poll_frame(cx))) {
            Ok(next) => this.hook.frame(next),
            Err(status) => Some(Ok(Frame::trailers(trailers(&status)))),
        };
        if !matches!(&next, Some(Ok(frame)) if frame.is_data()) {
            this.inner.set(None);
        }
        Poll::Ready(next)
    }

    // Not what the inner body says: its end must be polled, or the hook does not see it.
    fn is_end_stream(&self) -> bool {
        self.inner.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.as_ref();
        inner.map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}

/// Makes `ResponseFuture`, the response future of a layer: a [`HookFuture`] with this hook.
macro_rules! response_future {
    ($(#[$doc:meta])* $hook:ty) => {
        pin_project_lite::pin_project! {
            $(#[$doc])*
            #[derive(Debug)]
            pub struct ResponseFuture<F> {
                #[pin]
                inner: $crate::response::HookFuture<F, $hook>,
            }
        }

        impl<F> From<$crate::response::HookFuture<F, $hook>> for ResponseFuture<F> {
            fn from(inner: $crate::response::HookFuture<F, $hook>) -> Self {
                Self { inner }
            }
        }

        impl<F, B, E> Future for ResponseFuture<F>
        where
            F: Future<Output = Result<http::Response<B>, E>>,
            B: http_body::Body<Data = bytes::Bytes, Error: Into<tower::BoxError>> + Send + 'static,
            E: Into<tower::BoxError>,
        {
            type Output = Result<http::Response<tonic::body::Body>, E>;

            fn poll(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                self.project().inner.poll(cx)
            }
        }
    };
}

pub(crate) use response_future;
