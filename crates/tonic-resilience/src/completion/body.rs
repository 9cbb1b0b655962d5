use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Code, Status, body::Body};

use super::{Ended, OnEnd};
use crate::stack::status_in_headers;

pin_project! {
    /// A response body that tells [`OnEnd`] the status in its trailers, or why there are none.
    #[derive(Debug)]
    pub struct EndBody<F: Ended> {
        #[pin]
        inner: Body,
        end: OnEnd<F>,
    }
}

impl<F: Ended> EndBody<F> {
    /// Watches `inner`, the body of an answer without a status in its headers.
    pub fn new(inner: Body, end: OnEnd<F>) -> Self {
        Self { inner, end }
    }
}

impl<F: Ended> http_body::Body for EndBody<F> {
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
