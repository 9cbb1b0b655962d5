use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::handler::BoxError;

pin_project! {
    /// The body of a request, which has to come in time.
    ///
    /// Its errors are [`BodyTimeout`] and those of hyper.
    #[derive(Debug)]
    pub struct RequestBody {
        #[pin]
        inner: Incoming,
        timeout: Option<Duration>,
        #[pin]
        timer: Option<Sleep>,
    }
}

/// A body that did not come in time: 408 by HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body did not come within {0:?}")]
pub struct BodyTimeout(Duration);

impl RequestBody {
    pub(crate) fn new(inner: Incoming, timeout: Option<Duration>) -> Self {
        Self {
            inner,
            timeout,
            timer: None,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let polled = this.inner.poll_frame(cx);
        let (Poll::Pending, Some(timeout)) = (&polled, *this.timeout) else {
            return polled.map_err(Into::into);
        };
        if this.timer.is_none() {
            this.timer.set(Some(sleep(timeout)));
        }
        match this.timer.as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Some(Err(BodyTimeout(timeout).into()))),
            _ => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
