use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Response, uri::PathAndQuery};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Status, body::Body};
use tower::BoxError;

use super::{CallersFault, ValidateProtocolLayer, explain};
use crate::stack::{answer, status_in_headers};

/// What the end of a call needs of its beginning.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) rules: Arc<ValidateProtocolLayer>,
    pub(super) path: Option<PathAndQuery>,
    pub(super) callers_fault: CallersFault,
}

impl Call {
    /// Completes a status that is an error, and counts one that the caller is to blame for.
    pub(super) fn end(&self, headers: &mut HeaderMap) {
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        explain::complete(headers, path, &self.rules, &self.callers_fault);
        if self.callers_fault.is_noted()
            && let Some(code) = status_in_headers(headers)
        {
            self.rules.count(path, code);
        }
    }
}

pin_project! {
    /// The response future of [`ValidateProtocol`](super::ValidateProtocol): a call, or a refusal.
    #[derive(Debug)]
    pub struct StrictFuture<T> {
        #[pin]
        inner: Option<T>,
        refusal: Option<Response<Body>>,
        call: Option<Call>,
    }
}

impl<T> StrictFuture<T> {
    pub(super) fn pass(inner: T, call: Call) -> Self {
        Self {
            inner: Some(inner),
            refusal: None,
            call: Some(call),
        }
    }

    pub(super) fn refuse(refusal: Response<Body>) -> Self {
        Self {
            inner: None,
            refusal: Some(refusal),
            call: None,
        }
    }
}

impl<T, B, E> Future for StrictFuture<T>
where
    T: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(refusal) = this.refusal.take() {
            return Poll::Ready(Ok(refusal));
        }
        let inner = this.inner.as_pin_mut().expect(PENDING);
        let mut response = answer(ready!(inner.poll(cx)));
        let call = this.call.take().expect(PENDING);
        if status_in_headers(response.headers()).is_some() {
            call.end(response.headers_mut());
            return Poll::Ready(Ok(response));
        }
        Poll::Ready(Ok(
            response.map(|body| Body::new(AnswerBody { inner: body, call }))
        ))
    }
}

const PENDING: &str = "a future is not polled after it is ready";

pin_project! {
    /// A response body whose trailers are completed.
    #[derive(Debug)]
    struct AnswerBody {
        #[pin]
        inner: Body,
        call: Call,
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        let mut frame = ready!(this.inner.poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            this.call.end(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
