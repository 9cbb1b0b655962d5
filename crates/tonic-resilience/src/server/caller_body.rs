use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use listener::RequestBody;
use pin_project_lite::pin_project;
use tonic::{Code, Status};

pin_project! {
    /// A request body that ends only where its caller has ended it.
    ///
    /// When a caller resets its stream, hyper ends the body for `NO_ERROR`, and tonic ends the
    /// messages for `CANCEL`: a handler would answer half an upload as if it were complete. Here
    /// both resets are an error, after a pause: hyper drops a call that was reset while its handler
    /// waits, so the call ends as cancelled. The error is for a separate task that reads the body,
    /// which hyper does not drop.
    #[derive(Debug)]
    pub(super) struct CallerBody {
        #[pin]
        inner: RequestBody,
        reset: bool,
    }
}

impl CallerBody {
    pub(super) fn new(inner: RequestBody) -> Self {
        Self {
            inner,
            reset: false,
        }
    }
}

impl Body for CallerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        if *this.reset {
            // Not `CANCELLED`, which tonic takes for the end of the messages.
            let status = Status::new(Code::Aborted, "the caller reset the call");
            return Poll::Ready(Some(Err(status)));
        }
        match ready!(this.inner.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(frame))),
            None if this.inner.is_end_stream() => Poll::Ready(None),
            None | Some(Err(_)) => {
                *this.reset = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
