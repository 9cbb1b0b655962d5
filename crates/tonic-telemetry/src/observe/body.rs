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

use super::{ObservedCall, messages::MessageCounter, part::Part};
use crate::BoxError;

pin_project! {
    /// The body of an answer: its trailers, its error, its end or its drop end the call.
    ///
    /// It polls the stream of a handler, so the spans of the stream are children of the call's.
    #[derive(Debug)]
    pub struct ResponseBody<R> {
        #[pin]
        kind: Kind<R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProjection]
    enum Kind<R> {
        Observed {
            #[pin]
            part: Part<R>,
            http_status: StatusCode,
            sent: Option<MessageCounter>,
        },
        /// Of a request that is no call.
        Passing {
            #[pin]
            inner: R,
        },
        Empty,
    }
}

impl<R> ResponseBody<R> {
    /// The body of the answer to a request that is no call, as it is.
    pub(crate) fn passing(inner: R) -> Self {
        Self {
            kind: Kind::Passing { inner },
        }
    }
}

/// An empty body, as interceptors of tonic answer with.
impl<R> Default for ResponseBody<R> {
    fn default() -> Self {
        Self { kind: Kind::Empty }
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
            // Nobody polls an empty body, so the call must end here; most have ended before.
            call.end(&CallStatus::from_http_status(http_status));
        }
        let kind = Kind::Observed {
            part: Part::new(inner, call),
            http_status,
            sent,
        };
        Self { kind }
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
        let (mut part, http_status, sent) = match self.project().kind.project() {
            KindProjection::Observed {
                part,
                http_status,
                sent,
            } => (part, *http_status, sent),
            KindProjection::Passing { inner } => return inner.poll_frame(cx).map(with_status),
            KindProjection::Empty => return Poll::Ready(None),
        };
        let polled = part.as_mut().poll_frame(cx);
        if polled.is_pending() {
            part.as_mut().call().waits();
        }
        let frame = with_status(ready!(polled));
        if let (Some(Ok(frame)), Some(sent)) = (&frame, sent)
            && let Some(data) = frame.data_ref()
        {
            sent.pass(data);
        }
        let last = part.get().is_none_or(Body::is_end_stream);
        if let Some(status) = status(frame.as_ref(), last, http_status) {
            part.call().end(&status);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Observed { part, .. } => part.get().is_none_or(Body::is_end_stream),
            Kind::Passing { inner } => inner.is_end_stream(),
            Kind::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Observed { part, .. } => {
                part.get().map_or_else(SizeHint::default, Body::size_hint)
            }
            Kind::Passing { inner } => inner.size_hint(),
            Kind::Empty => SizeHint::with_exact(0),
        }
    }
}

/// A frame whose error is the status that tonic would make of it.
fn with_status<E: Into<BoxError>>(
    frame: Option<Result<Frame<Bytes>, E>>,
) -> Option<Result<Frame<Bytes>, Status>> {
    frame.map(|frame| frame.map_err(|error| Status::from_error(error.into())))
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
