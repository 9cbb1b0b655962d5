use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, Request, Response};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

use super::EnforceDeadlineLayer;
use crate::{
    deadline::{Deadline, DeadlineFuture, InvalidTimeout, future::exceeded, parse_timeout},
    errors::ErrorReply,
    server::layers::validate_protocol::CallersFault,
    span,
    stack::Stack,
};

/// Ends each call at its deadline: made by [`EnforceDeadlineLayer`].
#[derive(Clone, Debug)]
pub struct EnforceDeadline<S> {
    inner: S,
    limits: Arc<EnforceDeadlineLayer>,
}

impl<S> EnforceDeadline<S> {
    pub(super) fn new(inner: S, limits: EnforceDeadlineLayer) -> Self {
        Self {
            inner,
            limits: Arc::new(limits),
        }
    }
}

impl<S: Stack> Service<Request<Body>> for EnforceDeadline<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let timeout = match asked_for(request.headers()) {
            Ok(timeout) => timeout,
            Err(error) => {
                CallersFault::note_in(request.extensions());
                return DeadlineFuture::refused(malformed(error));
            }
        };
        let maximum = self.limits.maximum_of(request.uri().path());
        let Some(deadline) = deadline(timeout, maximum) else {
            return DeadlineFuture::unbounded(self.inner.call(request));
        };
        let left = timeout.into_iter().chain(maximum).min();
        let milliseconds = left.and_then(|left| i64::try_from(left.as_millis()).ok());
        span::attribute("tracewalk.deadline_ms", milliseconds.unwrap_or(i64::MAX));
        if deadline.remaining().is_zero() {
            CallersFault::note_in(request.extensions());
            return DeadlineFuture::refused(exceeded());
        }
        request.extensions_mut().insert(deadline);
        let call = deadline.enter(|| self.inner.call(request));
        DeadlineFuture::bounded(call, deadline)
    }
}

/// The earlier of what the caller allows and the server's own maximum; `None` without either.
fn deadline(timeout: Option<Duration>, maximum: Option<Duration>) -> Option<Deadline> {
    let callers = timeout.map(Deadline::of_caller);
    let own = maximum.map(Deadline::after);
    callers.into_iter().chain(own).min()
}

/// What the caller allows; `None` when it says nothing.
fn asked_for(headers: &HeaderMap) -> Result<Option<Duration>, InvalidTimeout> {
    let mut values = headers.get_all("grpc-timeout").iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => parse_timeout(value).map(Some),
        // Which of two is meant cannot be known.
        (Some(_), Some(_)) => Err(InvalidTimeout),
    }
}

fn malformed(error: InvalidTimeout) -> Status {
    ErrorReply::new(
        Code::InvalidArgument,
        "MALFORMED_TIMEOUT",
        error.to_string(),
    )
    .into_status()
}
