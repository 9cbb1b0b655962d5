use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};
use tonic::{Status, body::Body};

use super::{Deadline, future::exceeded};
use crate::stack::trailers;

pin_project! {
    /// A response body that ends with `DEADLINE_EXCEEDED` in its trailers at the deadline.
    #[derive(Debug)]
    pub(super) struct DeadlineBody {
        #[pin]
        inner: Option<Body>,
        #[pin]
        timer: Sleep,
        deadline: Deadline,
    }
}

impl DeadlineBody {
    pub(super) fn new(inner: Body, deadline: Deadline) -> Self {
        Self {
            inner: Some(inner),
            timer: sleep_until(deadline.at),
            deadline,
        }
    }
}

impl http_body::Body for DeadlineBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        // First the timer: a stream that always has something ready would never reach it.
        let is_over = this.timer.poll(cx).is_ready();
        let frame = this.deadline.enter(|| inner.poll_frame(cx));
        if !is_over {
            return frame;
        }
        let deadline = *this.deadline;
        deadline.enter(|| this.inner.set(None));
        // The last word of the stream, if it has one: an inner deadline has ended it as well.
        match frame {
            Poll::Ready(last @ (None | Some(Err(_)))) => Poll::Ready(last),
            Poll::Ready(Some(Ok(last))) if last.is_trailers() => Poll::Ready(Some(Ok(last))),
            _ => Poll::Ready(Some(Ok(Frame::trailers(trailers(&exceeded()))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner
            .as_ref()
            .is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}
