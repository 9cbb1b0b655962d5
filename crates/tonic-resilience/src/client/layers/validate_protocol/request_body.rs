use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::oneshot;
use tonic::{Status, body::Body};

/// Dropped when nobody reads the answer any more.
pub(super) type Reader = oneshot::Sender<Infallible>;

pin_project! {
    /// A request body that fails with the reset `CANCEL` when the answer is dropped.
    pub(super) struct RequestBody {
        #[pin]
        pub(super) inner: Body,
        pub(super) gone: Option<oneshot::Receiver<Infallible>>,
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        if let Some(gone) = this.gone
            && Pin::new(gone).poll(cx).is_ready()
        {
            *this.gone = None;
            let reset = h2::Error::from(h2::Reason::CANCEL);
            return Poll::Ready(Some(Err(Status::from_error(Box::new(reset)))));
        }
        this.inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
