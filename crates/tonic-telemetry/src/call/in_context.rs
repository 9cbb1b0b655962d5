use std::pin::Pin;

use opentelemetry::Context;
use pin_project_lite::pin_project;

pin_project! {
    /// A future or a body that is polled, and dropped, while a context is active.
    ///
    /// The context is attached for the length of one poll and never across a return: the next
    /// poll may come on another thread. Dropping counts too: what a cancelled handler does on its
    /// way out belongs to the call as well.
    #[derive(Debug)]
    pub(super) struct InContext<T> {
        // Empty only while it is dropped.
        #[pin]
        inner: Option<T>,
        context: Context,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _active = this.context.clone().attach();
            this.inner.set(None);
        }
    }
}

impl<T> InContext<T> {
    pub(super) fn new(inner: T, context: Context) -> Self {
        Self {
            inner: Some(inner),
            context,
        }
    }

    pub(super) fn get(&self) -> &T {
        self.inner.as_ref().expect(PRESENT)
    }

    /// Runs one poll in the context.
    pub(super) fn poll<R>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let this = self.project();
        let _active = this.context.clone().attach();
        poll(this.inner.as_pin_mut().expect(PRESENT))
    }
}

const PRESENT: &str = "it is there until it is dropped";
