use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use grpc_wire::CallStatus;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::Status;

use super::{ObservedCall, in_context::InContext, messages::MessageCounter};
use crate::BoxError;

pin_project! {
    /// The body of an answer: its trailers, its error, its end or its drop end the call.
    ///
    /// The stream of a handler runs in here, so its spans are children of the call's.
    #[derive(Debug)]
    pub struct ResponseBody<R> {
        // Before the call: what it drops belongs to the call, so it goes first.
        #[pin]
        inner: InContext<R>,
        call: ObservedCall,
        http_status: StatusCode,
        sent: Option<MessageCounter>,
    }
}

impl<R: Body> ResponseBody<R> {
    pub(super) fn new(
        inner: R,
        mut call: ObservedCall,
        http_status: StatusCode,
        sent: Option<MessageCounter>,
    ) -> Self {
        if inner.is_end_stream() {
            // Nobody polls an empty body, so this is the last chance; most have ended before.
            call.end(&CallStatus::from_http_status(http_status));
        }
        Self {
            inner: InContext::new(inner, call.context().clone()),
            call,
            http_status,
            sent,
        }
    }
}

impl<R> Body for ResponseBody<R>
where
    R: Body<Data = Bytes>,
    R::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        let inner = this.inner.as_mut();
        let frame = ready!(this.call.watch(|| inner.poll(|body| body.poll_frame(cx))));
        let frame = frame.map(|frame| frame.map_err(|error| Status::from_error(error.into())));
        if let (Some(Ok(frame)), Some(sent)) = (&frame, this.sent)
            && let Some(data) = frame.data_ref()
        {
            sent.pass(data);
        }
        let last = this.inner.get().is_end_stream();
        if let Some(status) = status(frame.as_ref(), last, *this.http_status) {
            this.call.end(&status);
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

/// The status of the call, if this frame completes it; `last` says that no other will come.
fn status(
    frame: Option<&Result<Frame<Bytes>, Status>>,
    last: bool,
    http_status: StatusCode,
) -> Option<CallStatus> {
    let trailers = match frame {
        Some(Err(status)) => return Some(CallStatus::from(status)),
        Some(Ok(frame)) if frame.is_data() && !last => return None,
        Some(Ok(frame)) => frame.trailers_ref(),
        None => None,
    };
    trailers
        .and_then(CallStatus::from_headers)
        .or_else(|| Some(CallStatus::from_http_status(http_status)))
}
