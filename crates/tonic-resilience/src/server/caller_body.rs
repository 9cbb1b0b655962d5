use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use listener::RequestBody;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tonic::{Code, Status};

pin_project! {
    /// A request body that ends only where its caller has ended it.
    ///
    /// When a caller resets its stream, hyper ends the body for `NO_ERROR`, and tonic ends the
    /// messages for `CANCEL`: a handler would answer half an upload as if it were complete. Here
    /// both resets are an error, after [`PAUSE`]: hyper drops a call that was reset as soon as its
    /// handler waits, so the call ends as cancelled. The error is for a separate task that reads the
    /// body, which hyper does not drop.
    #[derive(Debug)]
    pub(super) struct CallerBody {
        #[pin]
        inner: RequestBody,
        pause: Option<Pin<Box<Sleep>>>,
    }
}

/// Not the next poll: a stream that encodes all messages that are ready polls again before it waits.
const PAUSE: Duration = Duration::from_millis(100);

impl CallerBody {
    pub(super) fn new(inner: RequestBody) -> Self {
        Self { inner, pause: None }
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
        if let Some(pause) = this.pause {
            return pause.as_mut().poll(cx).map(|()| Some(Err(reset())));
        }
        match ready!(this.inner.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(frame))),
            None if this.inner.is_end_stream() => Poll::Ready(None),
            None | Some(Err(_)) => {
                let pause = this.pause.insert(Box::pin(sleep(PAUSE)));
                // Wakes the task when the pause is over: then the error comes.
                pause.as_mut().poll(cx).map(|()| Some(Err(reset())))
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

/// Not `CANCELLED`, which tonic takes for the end of the messages.
fn reset() -> Status {
    Status::new(Code::Aborted, "the caller reset the call")
}
