use std::{
    pin::Pin,
    task::{Context, Poll},
};

use grpc_wire::status_code;
use http::response::Parts;
use http_body::Frame;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};
use tonic::{Code, Status};

use super::Deadline;
use crate::{
    errors::ErrorReply,
    response::{Hook, Next},
    span,
    stack::trailers,
};

pin_project! {
    /// Ends a call with `DEADLINE_EXCEEDED` at its deadline, wherever its response is.
    #[derive(Debug)]
    pub(crate) struct Expiry {
        #[pin]
        timer: Sleep,
        deadline: Deadline,
        is_over: bool,
    }
}

impl Expiry {
    /// Made before the call is polled, so that no timer below can be earlier.
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self {
            timer: sleep_until(deadline.at),
            deadline,
            is_over: false,
        }
    }
}

impl Hook for Expiry {
    fn poll<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        let this = self.project();
        // First the timer: a stream that always has something ready would never reach it.
        *this.is_over = this.timer.poll(cx).is_ready();
        // Polled also when the time is over: a deadline inside ends its calls with a status.
        let polled = this.deadline.enter(|| inner(cx));
        if *this.is_over && polled.is_pending() {
            return Poll::Ready(Err(exceeded()));
        }
        polled.map(Ok)
    }

    fn headers(self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        let runs_on = status_code(&headers.headers).is_none();
        runs_on.then(|| Self::new(self.deadline))
    }

    /// Keeps the status of the stream, if it has one: a deadline inside may have ended it, too.
    fn frame(self: Pin<&mut Self>, next: Next) -> Next {
        match next {
            Some(Ok(frame)) if self.is_over && frame.is_data() => {
                Some(Ok(Frame::trailers(trailers(&exceeded()))))
            }
            next => next,
        }
    }
}

/// The status at the deadline, also noted in the span and in the log.
pub(crate) fn exceeded() -> Status {
    span::event("deadline_exceeded");
    tracing::info!("deadline exceeded");
    let message = "the deadline is over";
    ErrorReply::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).into_status()
}
