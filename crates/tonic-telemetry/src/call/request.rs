use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{in_context::InContext, messages::MessageCounter};

pin_project! {
    /// The body of a request: counts its messages and keeps the span of the call active.
    ///
    /// On the client the connection polls it, long after the call returned; what makes the
    /// messages of a stream runs in here.
    #[derive(Debug)]
    pub(crate) struct RequestBody<B> {
        #[pin]
        inner: InContext<B>,
        received: Option<MessageCounter>,
    }
}

impl<B> RequestBody<B> {
    pub(crate) fn new(
        inner: B,
        context: opentelemetry::Context,
        received: Option<prometheus::IntCounter>,
    ) -> Self {
        Self {
            inner: InContext::new(inner, context),
            received: received.map(MessageCounter::new),
        }
    }
}

impl<B: Body<Data = Bytes>> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll(|body| body.poll_frame(cx)));
        if let Some(Ok(frame)) = &frame
            && let (Some(data), Some(received)) = (frame.data_ref(), this.received)
        {
            received.pass(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.get().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.get().size_hint()
    }
}
