use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use grpc_wire::{code_name, status_code};
use http::{Request, Response};
use tonic::{Code, body::Body};
use tower::ServiceExt;

use super::{
    Shared,
    backoff::{Pushback, backoff, pushback},
    metrics::service_and_method,
    replay::Replay,
};
use crate::{
    completion::{Completion, OnComplete},
    deadline::{Deadline, GRPC_TIMEOUT, format_timeout},
    response::HookBody,
    span,
    stack::{Refused, Stack, answer},
};

/// Why another attempt is made, and after which wait.
struct Retry {
    path: String,
    code: Code,
    wait: Duration,
}

/// Whether a layer of this process refused the attempt, so that nothing was sent.
fn is_refused(response: &Response<Body>) -> bool {
    response.extensions().get::<Refused>().is_some()
}

/// The attempts of one call.
#[derive(Debug)]
pub(super) struct Attempts {
    shared: Arc<Shared>,
    made: u32,
}

impl Attempts {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, made: 0 }
    }

    /// Tries until an answer is committed, or another attempt is not allowed.
    pub(super) async fn run<S: Stack>(
        mut self,
        mut stack: S,
        request: Request<Body>,
    ) -> Response<Body> {
        let limit = self.shared.policy.max_request_bytes;
        let replay = match Replay::read(request, limit).await {
            Ok(replay) => replay,
            Err(request) => return answer(stack.oneshot(request).await),
        };
        let mut retry = None;
        loop {
            let request = self.next(&replay);
            let deadline = request.extensions().get().copied();
            let path = request.uri().path().to_owned();
            let next = stack.clone();
            let response = self.attempt(stack, request, retry).await;
            stack = next;
            let Some(code) = status_code(response.headers()) else {
                return self.committed(response);
            };
            match self.wait(code, &response, deadline) {
                Ok(wait) => {
                    tokio::time::sleep(wait).await;
                    retry = Some(Retry { path, code, wait });
                }
                Err(stopped_by) => {
                    self.note_made();
                    if let Some(stopped_by) = stopped_by {
                        span::attribute(self.shared.policy.names.retry_stopped_by, stopped_by);
                    }
                    return response;
                }
            }
        }
    }

    /// The request of the next attempt, with its number and the time that is left.
    fn next(&mut self, replay: &Replay) -> Request<Body> {
        let mut request = replay.request();
        if self.made > 0 {
            let headers = request.headers_mut();
            headers.insert("grpc-previous-rpc-attempts", self.made.into());
            if let Some(deadline) = request.extensions().get::<Deadline>() {
                let left = format_timeout(deadline.remaining());
                request.headers_mut().insert(GRPC_TIMEOUT, left);
            }
        }
        self.made += 1;
        request
    }

    /// How long to wait for the next attempt, or what forbids it, if the span should say so.
    fn wait(
        &self,
        code: Code,
        response: &Response<Body>,
        deadline: Option<Deadline>,
    ) -> Result<Duration, Option<&'static str>> {
        let pushback = pushback(response.headers());
        if is_refused(response) {
            // It says nothing about the server, and an attempt right after would be refused, too.
            return Err((pushback == Pushback::Never).then_some("pushback"));
        }
        self.shared.budget.clone().complete(code);
        if !self.shared.policy.codes.contains(&code) {
            return Err(None);
        }
        let within_budget = self.shared.budget.failed();
        let wait = match pushback {
            Pushback::Never => return Err(Some("pushback")),
            Pushback::After(wait) => wait,
            Pushback::None => backoff(&self.shared.policy, self.made),
        };
        if self.made >= self.shared.policy.max_attempts {
            return Err(Some("attempts"));
        }
        if deadline.is_some_and(|deadline| deadline.remaining() <= wait) {
            return Err(Some("deadline"));
        }
        if !within_budget {
            self.shared.exhausted.inc();
            return Err(Some("budget"));
        }
        Ok(wait)
    }

    /// Makes an attempt; one that is a retry is counted as soon as it is under way.
    async fn attempt<S: Stack>(
        &mut self,
        stack: S,
        request: Request<Body>,
        retry: Option<Retry>,
    ) -> Response<Body> {
        let mut attempt = pin!(stack.oneshot(request));
        let begun = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        let begun = begun.map(answer);
        if matches!(&begun, Poll::Ready(response) if is_refused(response)) {
            self.made -= 1;
        } else if let Some(retry) = retry {
            self.count(&retry);
        }
        match begun {
            Poll::Ready(response) => response,
            Poll::Pending => answer(attempt.await),
        }
    }

    fn count(&self, retry: &Retry) {
        let (service, method) = service_and_method(&retry.path);
        let reason = code_name(retry.code);
        self.shared
            .retries
            .with_label_values(&[service, method, reason])
            .inc();
        span::event("retry");
        tracing::info!(
            path = retry.path,
            reason,
            attempt = self.made - 1,
            wait_ms = retry.wait.as_millis(),
            "retrying"
        );
    }

    fn note_made(&self) {
        span::attribute(self.shared.policy.names.attempts, i64::from(self.made));
    }

    /// Returns an answer that has begun; the budget counts its status when it ends.
    fn committed(self, response: Response<Body>) -> Response<Body> {
        self.note_made();
        let completion = Completion::new(self.shared.budget.clone());
        response.map(|body| Body::new(HookBody::new(body, completion)))
    }
}
