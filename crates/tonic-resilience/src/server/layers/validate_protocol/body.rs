use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use grpc_wire::MessageReader;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Code, Status, body::Body};

use super::{CallersFault, fault, reason};

pin_project! {
    /// A request body that fails with the right status where its messages are not as they should.
    #[derive(Debug)]
    pub(super) struct StrictBody {
        #[pin]
        inner: Option<Body>,
        messages: MessageReader,
        takes_one_message: bool,
        callers_fault: CallersFault,
    }
}

impl StrictBody {
    pub(super) fn new(
        inner: Body,
        messages: MessageReader,
        takes_one_message: bool,
        callers_fault: CallersFault,
    ) -> Self {
        Self {
            inner: Some(inner),
            messages,
            takes_one_message,
            callers_fault,
        }
    }
}

impl http_body::Body for StrictBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let frame = ready!(inner.poll_frame(cx)?);
        let checked = match frame.as_ref().map(Frame::data_ref) {
            Some(Some(data)) => this.messages.read(data),
            // Trailers, or the end without them.
            Some(None) | None => this.messages.end(),
        };
        let checked =
            checked.map_err(|found| fault(found.code(), reason(found), found.to_string()));
        let checked = checked.and_then(|()| match this.messages.begun() {
            1.. if !*this.takes_one_message => Ok(()),
            0 if frame.is_none() && *this.takes_one_message => Err(not_one()),
            2.. => Err(not_one()),
            _ => Ok(()),
        });
        if frame.is_none() || checked.is_err() {
            this.inner.set(None);
        }
        Poll::Ready(match checked {
            Ok(()) => frame.map(Ok),
            Err(status) => {
                this.callers_fault.note();
                Some(Err(status))
            }
        })
    }

    // Not the hint of the inner body: an empty body has to be polled to be found at fault.
    fn is_end_stream(&self) -> bool {
        self.inner.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn not_one() -> Status {
    let message = "this method takes exactly one message";
    fault(Code::Unimplemented, "NOT_ONE_MESSAGE", message)
}
