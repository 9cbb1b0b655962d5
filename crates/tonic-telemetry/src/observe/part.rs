use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame};
use pin_project_lite::pin_project;

use super::ObservedCall;

pin_project! {
    /// The future or the body of a call, which is polled and dropped as a part of the call.
    ///
    /// What a cancelled handler does in its drop belongs to the call, too.
    #[derive(Debug)]
    pub(super) struct Part<T> {
        // `None` when it has ended.
        #[pin]
        inner: Option<T>,
        // Behind `inner`, for it ends when it is dropped.
        call: Option<ObservedCall>,
    }

    impl<T> PinnedDrop for Part<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let (Some(_), Some(call)) = (&*this.inner, &this.call) {
                let _active = call.scope().attach();
                this.inner.set(None);
            }
        }
    }
}

impl<T> Part<T> {
    pub(super) fn new(inner: T, call: ObservedCall) -> Self {
        Self {
            inner: Some(inner),
            call: Some(call),
        }
    }

    /// `None` when it has ended.
    pub(super) fn get(&self) -> Option<&T> {
        self.inner.as_ref()
    }

    pub(super) fn call(self: Pin<&mut Self>) -> &mut ObservedCall {
        self.project().call.as_mut().expect(PRESENT)
    }

    /// The call, for its next part.
    pub(super) fn take_call(self: Pin<&mut Self>) -> ObservedCall {
        self.project().call.take().expect(PRESENT)
    }
}

impl<F: Future> Part<F> {
    pub(super) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let call = this.call.as_mut().expect(PRESENT);
        call.run(|| {
            let future = this.inner.as_mut().as_pin_mut();
            let polled = future.expect(PRESENT).poll(cx);
            if polled.is_ready() {
                this.inner.set(None);
            }
            polled
        })
    }
}

type Next<B> = Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>;

impl<B: Body> Part<B> {
    pub(super) fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next<B>> {
        let mut this = self.project();
        let call = this.call.as_mut().expect(PRESENT);
        if this.inner.is_none() {
            return Poll::Ready(None);
        }
        call.run_body(|| {
            let body = this.inner.as_mut().as_pin_mut();
            let polled = body.expect(PRESENT).poll_frame(cx);
            let ended = |next: &Next<B>| !matches!(next, Some(Ok(frame)) if frame.is_data());
            if matches!(&polled, Poll::Ready(next) if ended(next)) {
                this.inner.set(None);
            }
            polled
        })
    }
}

const PRESENT: &str = "it is not used after it ended";
