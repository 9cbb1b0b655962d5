use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Code, Status, body::Body};

use super::{Completion, OnComplete};
use crate::stack::status_in_headers;

pin_project! {
    /// A response body that tells [`Completion`] the status in its trailers, or why there are none.
    #[derive(Debug)]
    pub struct CompletionBody<F: OnComplete> {
        #[pin]
        inner: Body,
        end: Completion<F>,
    }
}

impl<F: OnComplete> CompletionBody<F> {
    /// Watches `inner`, the body of an answer without a status in its headers.
    pub fn new(inner: Body, end: Completion<F>) -> Self {
        Self { inner, end }
    }
}

impl<F: OnComplete> http_body::Body for CompletionBody<F> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.end
                        .end(status_in_headers(trailers).unwrap_or(Code::Unknown));
                }
            }
            Some(Err(status)) => this.end.end(status.code()),
            None => this.end.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    // Not the hint of the inner body: the end has to be polled for, or it is not seen.
    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
