//! Limits the calls in flight; a call beyond the limit is refused at once.
//!
//! A server that takes more work than it can do answers all of it late. Refusing early keeps the
//! answers of the rest fast, and costs next to nothing. A stream counts until its last message:
//! tower's limit counts until the headers, so it does not see streams. Streams may be limited to a
//! part of the places, so that idle ones leave room for other calls.
//!
//! The refusal is `RESOURCE_EXHAUSTED` with `RetryInfo`, and the reason `TOO_MANY_CALLS` or
//! `TOO_MANY_STREAMS`. Visible as the span event `shed`, a debug
//! log line, and `code="RESOURCE_EXHAUSTED"` in the metrics of the call.

#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    completion::{Completion, OnComplete},
    errors::ErrorReply,
    method_set::MethodSet,
    response::{HookFuture, response_future},
    span,
    stack::Stack,
};

/// Sheds calls beyond a limit. Inside the deadline, outside all that costs time.
///
/// Clones of the layer and its services share the limit.
///
/// ```
/// # use tonic_resilience::server::layers::concurrency_limit::ConcurrencyLimitLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(ConcurrencyLimitLayer::new(512).without("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLimitLayer {
    free: Arc<Free>,
    streams: MethodSet,
    without: MethodSet,
}

/// The places that are free.
#[derive(Debug)]
struct Free {
    calls: Arc<Semaphore>,
    /// How many of the places streams may take.
    streams: Arc<Semaphore>,
}

impl ConcurrencyLimitLayer {
    /// Allows `limit` calls at a time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            free: Arc::new(Free {
                calls: semaphore(limit),
                streams: semaphore(limit),
            }),
            streams: MethodSet::default(),
            without: MethodSet::default(),
        }
    }

    /// Limits calls of these methods or services to `limit` of the places: a stream lasts as long
    /// as its caller likes, and must leave room for other calls.
    #[must_use]
    pub fn streams<'a>(mut self, limit: usize, names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().for_each(|name| self.streams.add(name));
        self.free = Arc::new(Free {
            calls: Arc::clone(&self.free.calls),
            streams: semaphore(limit),
        });
        self
    }

    /// Exempts a service, by its full name: probes must get through.
    #[must_use]
    pub fn without(mut self, service: &str) -> Self {
        self.without.add(service);
        self
    }
}

impl<S> Layer<S> for ConcurrencyLimitLayer {
    type Service = ConcurrencyLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyLimit {
            inner,
            free: Arc::clone(&self.free),
            streams: Arc::new(self.streams.clone()),
            without: Arc::new(self.without.clone()),
        }
    }
}

fn semaphore(limit: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))
}

/// How long a caller should wait after its call was shed.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Sheds calls beyond a limit: made by [`ConcurrencyLimitLayer`].
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit<S> {
    inner: S,
    free: Arc<Free>,
    streams: Arc<MethodSet>,
    without: Arc<MethodSet>,
}

impl<S> ConcurrencyLimit<S> {
    /// The place of a call, or why there is none.
    fn place(&self, path: &str) -> Result<Permit, Status> {
        if self.without.contain(path) {
            return Ok(Permit::default());
        }
        let take = |free: &Arc<Semaphore>| Arc::clone(free).try_acquire_owned();
        let busy = |reason| move |_: TryAcquireError| shed(reason);
        let is_stream = self.streams.contain(path);
        let stream = is_stream.then(|| take(&self.free.streams)).transpose();
        Ok(Permit {
            _stream: stream.map_err(busy("TOO_MANY_STREAMS"))?,
            _call: Some(take(&self.free.calls).map_err(busy("TOO_MANY_CALLS"))?),
        })
    }
}

impl<S: Stack> Service<Request<Body>> for ConcurrencyLimit<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.place(request.uri().path()) {
            Ok(permit) => HookFuture::pass(self.inner.call(request), Completion::new(permit)),
            Err(refusal) => HookFuture::refuse(refusal),
        }
        .into()
    }
}

response_future! {
    /// The response future of [`ConcurrencyLimit`].
    Completion<Permit>
}

/// The place of one call, free again when the call is over.
#[derive(Debug, Default)]
struct Permit {
    _call: Option<OwnedSemaphorePermit>,
    _stream: Option<OwnedSemaphorePermit>,
}

impl OnComplete for Permit {
    fn complete(self, _: Code) {}
}

fn shed(reason: &'static str) -> Status {
    span::event("shed");
    tracing::debug!(reason, "too many calls at a time, one is shed");
    ErrorReply::new(Code::ResourceExhausted, reason, "the server is busy")
        .retry_after(RETRY_AFTER)
        .into_status()
}
