use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Request, Response};
use tonic::{Code, body::Body};
use tower::ServiceExt;

use super::{
    backoff::{Pushback, backoff, pushback},
    metrics::service_and_method,
    replay::Replay,
    service::Shared,
};
use crate::{
    deadline::{Deadline, format_timeout},
    ending::{EndBody, Ended, OnEnd},
    span,
    stack::{Stack, answer, code_name, status_in_headers},
};

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
        loop {
            let request = self.next(&replay);
            let deadline = request.extensions().get().copied();
            let path = request.uri().path().to_owned();
            let spare = stack.clone();
            let response = answer(stack.oneshot(request).await);
            stack = spare;
            let Some(code) = status_in_headers(response.headers()) else {
                return self.committed(response);
            };
            match self.wait(code, response.headers(), deadline) {
                Ok(wait) => self.pause(&path, code, wait).await,
                Err(stopped_by) => {
                    span::attribute("tracewalk.attempts", i64::from(self.made));
                    if let Some(stopped_by) = stopped_by {
                        span::attribute("tracewalk.retry_stopped_by", stopped_by);
                    }
                    return response;
                }
            }
        }
    }

    /// The request of the next attempt: says which it is, and has only what is left of the time.
    fn next(&mut self, replay: &Replay) -> Request<Body> {
        let mut request = replay.request();
        if self.made > 0 {
            let headers = request.headers_mut();
            headers.insert("grpc-previous-rpc-attempts", self.made.into());
            if let Some(deadline) = request.extensions().get::<Deadline>() {
                let left = format_timeout(deadline.remaining());
                request.headers_mut().insert("grpc-timeout", left);
            }
        }
        self.made += 1;
        request
    }

    /// How long to wait for the next attempt, or what forbids it, where that is worth a word.
    fn wait(
        &self,
        code: Code,
        headers: &HeaderMap,
        deadline: Option<Deadline>,
    ) -> Result<Duration, Option<&'static str>> {
        let pushback = pushback(headers);
        self.shared.budget.clone().ended(code);
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

    async fn pause(&self, path: &str, code: Code, wait: Duration) {
        let (service, method) = service_and_method(path);
        let reason = code_name(code);
        self.shared
            .retries
            .with_label_values(&[service, method, reason])
            .inc();
        span::event("retry");
        tracing::info!(
            path,
            reason,
            attempt = self.made,
            wait_ms = wait.as_millis(),
            "retrying"
        );
        tokio::time::sleep(wait).await;
    }

    /// An answer that began: the caller gets it, and the budget learns how it ends.
    fn committed(self, response: Response<Body>) -> Response<Body> {
        span::attribute("tracewalk.attempts", i64::from(self.made));
        let end = OnEnd::new(self.shared.budget.clone());
        response.map(|body| Body::new(EndBody::new(body, end)))
    }
}
