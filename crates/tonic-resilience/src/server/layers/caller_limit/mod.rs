//! Limits the calls that each caller has in flight: no caller can take the places of all others.
//!
//! A caller is a [`Principal`](crate::server::principal::Principal) when the identity layers found one, and
//! the address of the connection otherwise (of IPv6 its first 64 bits). Streams have a limit of their
//! own: a caller with all its streams open can still make other calls. Callers are remembered while
//! they have calls under way, so the memory is bounded by
//! [`limit_concurrency`](crate::server::layers::concurrency_limit).
//!
//! The refusal is `RESOURCE_EXHAUSTED` with `RetryInfo` and the reason `CALLER_HAS_TOO_MANY_CALLS`.
//! Visible as the span event `caller_limited`, a debug log line, and the `code` in the metrics.

mod running;

#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use self::running::{Kind, Permit, Running};
use crate::{
    completion::Completion,
    errors::ErrorReply,
    method_set::MethodSet,
    response::{HookFuture, response_future},
    server::principal::Caller,
    span,
    stack::Stack,
};

/// How long a caller with too many calls should wait.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Limits the calls that each caller has at a time. Inside the identity layers and the rate limit.
///
/// Clones of the layer and its services share what they count.
///
/// ```
/// # use tonic_resilience::server::layers::caller_limit::CallerLimitLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(CallerLimitLayer::new(512, 256).streams(["tracewalk.user.v1.UserService/WatchUser"]))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct CallerLimitLayer {
    /// One limit for each `Kind`.
    limits: [usize; 3],
    streams: MethodSet,
    separate: MethodSet,
    running: Arc<Running>,
}

impl CallerLimitLayer {
    /// Allows each caller `calls` unary calls at a time, and beside them `streams` streams; at least
    /// one of each.
    #[must_use]
    pub fn new(calls: usize, streams: usize) -> Self {
        let [calls, streams] = [calls, streams].map(|limit| limit.max(1));
        Self {
            limits: [calls, streams, streams],
            streams: MethodSet::default(),
            separate: MethodSet::default(),
            running: Arc::default(),
        }
    }

    /// Names the streaming methods, or services of which all methods count as such.
    #[must_use]
    pub fn streams<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().for_each(|name| self.streams.add(name));
        self
    }

    /// Counts the calls of a service by themselves, with the limit of streams: probes get through
    /// whatever else their caller does.
    #[must_use]
    pub fn separate(mut self, service: &str) -> Self {
        self.separate.add(service);
        self
    }

    fn kind(&self, path: &str) -> Kind {
        if self.separate.contain(path) {
            Kind::Separate
        } else if self.streams.contain(path) {
            Kind::Stream
        } else {
            Kind::Unary
        }
    }

    /// Counts a call; `None` when it is one too many.
    fn count(&self, request: &Request<Body>) -> Option<Permit> {
        let caller = Caller::of(request);
        let kind = self.kind(request.uri().path());
        let mut callers = self.running.lock();
        let running = callers.entry(caller.clone()).or_default();
        if running[kind as usize] >= self.limits[kind as usize] {
            return None;
        }
        running[kind as usize] += 1;
        drop(callers);
        Some(Permit {
            running: Arc::clone(&self.running),
            caller,
            kind,
        })
    }
}

impl<S> Layer<S> for CallerLimitLayer {
    type Service = CallerLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CallerLimit {
            inner,
            layer: Arc::new(self.clone()),
        }
    }
}

/// Limits the calls that each caller has at a time: made by [`CallerLimitLayer`].
#[derive(Clone, Debug)]
pub struct CallerLimit<S> {
    inner: S,
    layer: Arc<CallerLimitLayer>,
}

impl<S: Stack> Service<Request<Body>> for CallerLimit<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.layer.count(&request) {
            Some(place) => HookFuture::pass(self.inner.call(request), Completion::new(place)),
            None => HookFuture::refuse(refusal()),
        }
        .into()
    }
}

response_future! {
    /// The response future of [`CallerLimit`].
    Completion<Permit>
}

fn refusal() -> Status {
    span::event("caller_limited");
    tracing::debug!("a caller has too many calls at a time");
    ErrorReply::new(
        Code::ResourceExhausted,
        "CALLER_HAS_TOO_MANY_CALLS",
        "you have too many calls under way",
    )
    .retry_after(RETRY_AFTER)
    .into_status()
}
