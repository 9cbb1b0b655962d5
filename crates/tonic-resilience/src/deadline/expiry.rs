use std::{
    pin::Pin,
    task::{Context, Poll},
};

use grpc_wire::status_code;
use http::response::Parts;
use http_body::Frame;
use tokio::time::{Sleep, sleep_until};
use tonic::{Code, Status};

use super::Deadline;
use crate::{
    errors::ErrorReply,
    response::{Hook, Next},
    span,
    stack::trailers,
};

/// Ends a call with `DEADLINE_EXCEEDED` at its deadline, wherever its response is.
///
/// The clock decides, so that a deadline inside, which is no later, is over too whenever this one
/// is; the timer only wakes the task.
#[derive(Debug)]
pub(crate) struct Expiry {
    deadline: Deadline,
    /// Made where the call first has to wait; an answer that is there needs none.
    timer: Option<Pin<Box<Sleep>>>,
    is_over: bool,
}

impl Expiry {
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self {
            deadline,
            timer: None,
            is_over: false,
        }
    }

    /// Wakes the task when the time is over.
    fn wake(&mut self, cx: &mut Context<'_>) {
        let at = self.deadline.at;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}

impl Hook for Expiry {
    fn poll<T>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        inner: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        // First the clock: a stream that always has something ready would never reach it.
        self.is_over = self.deadline.remaining().is_zero();
        // Polled also when the time is over: a deadline inside ends its calls with a status.
        let polled = self.deadline.enter(|| inner(cx));
        if polled.is_pending() {
            if self.is_over {
                return Poll::Ready(Err(exceeded()));
            }
            self.wake(cx);
        }
        polled.map(Ok)
    }

    fn headers(mut self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        let runs_on = status_code(&headers.headers).is_none();
        runs_on.then(|| Self {
            timer: self.timer.take(),
            ..Self::new(self.deadline)
        })
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
