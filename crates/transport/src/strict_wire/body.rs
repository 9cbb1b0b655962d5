use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Code, Status, body::Body};

use super::{fault, frames::Frames};

pin_project! {
    /// A request body that fails with the right status where its messages are not as they should.
    #[derive(Debug)]
    pub(super) struct StrictBody {
        #[pin]
        inner: Option<Body>,
        frames: Frames,
        message_bytes: u32,
        takes_one_message: bool,
    }
}

impl StrictBody {
    pub(super) fn new(inner: Body, message_bytes: u32, takes_one_message: bool) -> Self {
        Self {
            inner: Some(inner),
            frames: Frames::default(),
            message_bytes,
            takes_one_message,
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
            Some(Some(data)) => match this.frames.read(data) {
                Some(length) if length > *this.message_bytes => Err(too_large(*this.message_bytes)),
                _ if *this.takes_one_message && this.frames.messages() > 1 => Err(not_one()),
                _ => Ok(()),
            },
            None if *this.takes_one_message && this.frames.messages() == 0 => Err(not_one()),
            _ => Ok(()),
        };
        if frame.is_none() || checked.is_err() {
            this.inner.set(None);
        }
        Poll::Ready(match checked {
            Ok(()) => frame.map(Ok),
            Err(status) => Some(Err(status)),
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

fn too_large(limit: u32) -> Status {
    let message = format!("a message is larger than the limit of {limit} bytes");
    fault(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", message)
}

fn not_one() -> Status {
    let message = "this method takes exactly one message";
    fault(Code::Unimplemented, "NOT_ONE_MESSAGE", message)
}
