use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use prometheus::IntCounter;

use super::messages::MessageCounter;

pin_project! {
    /// The body of a request: counts its messages and keeps the context of the call active.
    ///
    /// On the client the connection polls the body, long after the call returned, and that poll
    /// runs the code that makes the messages of a stream.
    #[derive(Debug)]
    pub(crate) struct RequestBody<B> {
        // `None` when it has ended.
        #[pin]
        inner: Option<B>,
        context: opentelemetry::Context,
        received: Option<MessageCounter>,
        // Set at the end, where somebody asks for it.
        ended: Option<Arc<AtomicBool>>,
    }

    impl<B> PinnedDrop for RequestBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                let _active = this.context.clone().attach();
                this.inner.set(None);
            }
        }
    }
}

impl<B> RequestBody<B> {
    pub(crate) fn new(
        inner: B,
        context: opentelemetry::Context,
        received: Option<IntCounter>,
    ) -> Self {
        Self {
            inner: Some(inner),
            context,
            received: received.map(MessageCounter::new),
            ended: None,
        }
    }

    /// Sets this when the body has been read to its end.
    pub(crate) fn with_end(mut self, ended: Option<Arc<AtomicBool>>) -> Self {
        self.ended = ended;
        self
    }
}

impl<B: Body<Data = Bytes>> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let _active = this.context.clone().attach();
        let frame = ready!(inner.poll_frame(cx));
        match (&frame, this.received) {
            (None, _) => {
                this.inner.set(None);
                if let Some(ended) = this.ended {
                    ended.store(true, Ordering::Relaxed);
                }
            }
            (Some(Ok(frame)), Some(received)) => {
                frame
                    .data_ref()
                    .into_iter()
                    .for_each(|data| received.pass(data));
            }
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.as_ref();
        inner.map_or_else(SizeHint::default, Body::size_hint)
    }
}
