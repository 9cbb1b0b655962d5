//! The server's side: owns the timer of the call.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, Request, Response};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    deadline::{Deadline, Expiry, GRPC_TIMEOUT, InvalidTimeout, exceeded, parse_timeout},
    errors::ErrorReply,
    method_set::MethodSet,
    names::{Names, with_names},
    response::{HookFuture, response_future},
    server::layers::validate_protocol::RequestFault,
    span,
    stack::Stack,
};

/// Ends each call at its `grpc-timeout`, and at a maximum of the server's own.
///
/// The call ends before its `grpc-timeout` is over, by a tenth, at most 10 ms: the answer
/// `DEADLINE_EXCEEDED` has to arrive while the caller still waits. Outside all that may take time,
/// inside the layers that record how a call ended.
///
/// ```
/// # use std::time::Duration;
/// # use tonic_resilience::server::layers::deadline::EnforceDeadlineLayer;
/// # let (_, service) = tonic_resilience::server::health::Health::new(&[]);
/// let stack = tower::ServiceBuilder::new()
///     .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)).without_maximum("grpc.health.v1.Health"))
///     .service(tonic::service::Routes::new(service));
/// ```
#[derive(Clone, Debug)]
pub struct EnforceDeadlineLayer {
    maximum: Duration,
    maximum_of_streams: Duration,
    streams: MethodSet,
    without_maximum: MethodSet,
    names: &'static Names,
}

impl EnforceDeadlineLayer {
    /// No call takes longer than `maximum`, whatever its caller allows.
    #[must_use]
    pub fn new(maximum: Duration) -> Self {
        Self {
            maximum,
            maximum_of_streams: maximum,
            streams: MethodSet::default(),
            without_maximum: MethodSet::default(),
            names: Default::default(),
        }
    }

    with_names!(names);

    /// Another maximum for these methods, by their full names: a stream lives as long as it is
    /// read.
    #[must_use]
    pub fn streams<'a>(
        mut self,
        maximum: Duration,
        methods: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.maximum_of_streams = maximum;
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }

    /// Exempts a service, by its full name, from each maximum: for watches that never end.
    #[must_use]
    pub fn without_maximum(mut self, service: &str) -> Self {
        self.without_maximum.add(service);
        self
    }

    /// The maximum for calls of this path; `None` where there is none.
    fn maximum_of(&self, path: &str) -> Option<Duration> {
        if self.without_maximum.contain(path) {
            return None;
        }
        Some(if self.streams.contain(path) {
            self.maximum_of_streams
        } else {
            self.maximum
        })
    }
}

impl<S> Layer<S> for EnforceDeadlineLayer {
    type Service = EnforceDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EnforceDeadline {
            inner,
            limits: Arc::new(self.clone()),
        }
    }
}

/// Ends each call at its deadline: made by [`EnforceDeadlineLayer`].
#[derive(Clone, Debug)]
pub struct EnforceDeadline<S> {
    inner: S,
    limits: Arc<EnforceDeadlineLayer>,
}

impl<S: Stack> Service<Request<Body>> for EnforceDeadline<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let timeout = match asked_for(request.headers()) {
            Ok(timeout) => timeout,
            Err(error) => {
                RequestFault::note_in(request.extensions());
                return HookFuture::answer(malformed(error).into_http()).into();
            }
        };
        let maximum = self.limits.maximum_of(request.uri().path());
        let Some(deadline) = deadline(timeout, maximum) else {
            return HookFuture::pass(self.inner.call(request), None).into();
        };
        let left = timeout.into_iter().chain(maximum).min();
        let milliseconds = left.and_then(|left| i64::try_from(left.as_millis()).ok());
        let name = self.limits.names.deadline_ms;
        span::attribute(name, milliseconds.unwrap_or(i64::MAX));
        if deadline.remaining().is_zero() {
            RequestFault::note_in(request.extensions());
            return HookFuture::answer(exceeded().into_http()).into();
        }
        request.extensions_mut().insert(deadline);
        let call = deadline.enter(|| self.inner.call(request));
        HookFuture::pass(call, Some(Expiry::new(deadline))).into()
    }
}

response_future! {
    /// The response future of [`EnforceDeadline`].
    Option<Expiry>
}

/// The earlier of what the caller allows and the server's own maximum; `None` without either.
fn deadline(timeout: Option<Duration>, maximum: Option<Duration>) -> Option<Deadline> {
    let callers = timeout.map(Deadline::of_caller);
    let own = maximum.map(Deadline::after);
    callers.into_iter().chain(own).min()
}

/// The timeout in `grpc-timeout`; `None` without this header.
fn asked_for(headers: &HeaderMap) -> Result<Option<Duration>, InvalidTimeout> {
    let mut values = headers.get_all(GRPC_TIMEOUT).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => parse_timeout(value).map(Some),
        // It cannot be known which of two values is meant.
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
