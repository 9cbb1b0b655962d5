use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use grpc_wire::MessageReader;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use prometheus::IntCounter;

use super::Scope;

pin_project! {
    /// The body of a request: counts its messages and keeps the span of the call active.
    ///
    /// On the client the connection polls the body, long after the call returned, and that poll
    /// runs the code that makes the messages of a stream.
    #[derive(Debug)]
    pub(crate) struct RequestBody<B> {
        #[pin]
        inner: InScope<B>,
        received: Option<MessageCounter>,
    }
}

impl<B> RequestBody<B> {
    pub(crate) fn new(inner: B, scope: Scope, received: Option<prometheus::IntCounter>) -> Self {
        Self {
            inner: InScope::new(inner, scope),
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

/// Counts the messages that pass in a body; a message counts when its last byte has passed.
#[derive(Debug)]
pub(super) struct MessageCounter {
    counter: IntCounter,
    messages: MessageReader,
}

impl MessageCounter {
    pub(super) fn new(counter: IntCounter) -> Self {
        Self {
            counter,
            messages: MessageReader::default(),
        }
    }

    pub(super) fn pass(&mut self, chunk: &[u8]) {
        let before = self.messages.completed();
        // The receiver of the messages reports the error; messages before it count.
        let _malformed = self.messages.read(chunk).is_err();
        let completed = self.messages.completed() - before;
        if completed > 0 {
            self.counter.inc_by(completed);
        }
    }
}

pin_project! {
    /// A future or a body that is polled, and dropped, in the scope of a call.
    ///
    /// The drop is in the scope too: what a cancelled handler does in its drop belongs to the call.
    #[derive(Debug)]
    pub(super) struct InScope<T> {
        // Empty only while it is dropped.
        #[pin]
        inner: Option<T>,
        scope: Scope,
    }

    impl<T> PinnedDrop for InScope<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _active = this.scope.attach();
            this.inner.set(None);
        }
    }
}

impl<T> InScope<T> {
    pub(super) fn new(inner: T, scope: Scope) -> Self {
        Self {
            inner: Some(inner),
            scope,
        }
    }

    pub(super) fn get(&self) -> &T {
        self.inner.as_ref().expect(PRESENT)
    }

    /// Runs one poll in the scope.
    pub(super) fn poll<R>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let this = self.project();
        let _active = this.scope.enter();
        poll(this.inner.as_pin_mut().expect(PRESENT))
    }
}

const PRESENT: &str = "it is there until it is dropped";
