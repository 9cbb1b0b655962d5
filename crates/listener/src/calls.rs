use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::task::TaskTracker;

use crate::{
    activity::Call,
    start_queue::StartQueue,
    write_timeout::{WriteProgress, WriteTimeout},
};

/// Runs the calls of one HTTP/2 connection, each as a task.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    open: TaskTracker,
    start_queue: StartQueue,
    write_timeout: Duration,
}

impl Calls {
    pub(crate) fn new(write_timeout: Duration) -> Self {
        Self {
            open: TaskTracker::new(),
            start_queue: StartQueue::new(),
            write_timeout,
        }
    }

    /// Waits for the end of the last call, when no more can begin.
    pub(crate) async fn finished(&self) {
        self.open.close();
        self.open.wait().await;
    }
}

/// Hyper hands each call of an HTTP/2 connection to its executor.
impl<F> hyper::rt::Executor<F> for Calls
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, call: F) {
        let call = WriteTimeout::new(call, self.write_timeout);
        self.start_queue.spawn(self.open.track_future(call));
    }
}

pin_project! {
    /// The body of an answer; its call counts until it is dropped.
    pub(crate) struct ResponseBody<B> {
        #[pin]
        inner: B,
        counted: Call,
        progress: Option<WriteProgress>,
    }
}

impl<B> ResponseBody<B> {
    /// Call this in the task of the call.
    pub(crate) fn new(inner: B, counted: Call) -> Self {
        Self {
            inner,
            counted,
            progress: WriteProgress::of_this_task(),
        }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        if let Some(progress) = this.progress {
            progress.asked();
        }
        let polled = this.inner.poll_frame(cx);
        if let (Some(progress), Poll::Ready(Some(Ok(_)))) = (this.progress, &polled) {
            progress.given();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
