//! The client's side: passes on what is left.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    deadline::{Deadline, Expiry, GRPC_TIMEOUT, exceeded, format_timeout, parse_timeout},
    method_set::MethodSet,
    response::{HookFuture, response_future},
    stack::Stack,
};

/// Gives each outgoing call what is left of the call that is being served.
///
/// It knows that from [`EnforceDeadlineLayer`](crate::server::layers::deadline::EnforceDeadlineLayer) on
/// the server that this program is, which may be tonic's own `Server::builder().layer(…)`. Without
/// that layer each call has the whole of its timeout.
///
/// Outside the retries: all attempts share the one deadline.
///
/// ```
/// # use std::time::Duration;
/// # use tonic_resilience::client::layers::deadline::PropagateDeadlineLayer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let channel = tonic_resilience::client::channel(&"static:///[::1]:50052".parse().unwrap());
/// let stack = tower::ServiceBuilder::new()
///     .layer(PropagateDeadlineLayer::new(Duration::from_secs(2)))
///     .service(channel);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PropagateDeadlineLayer {
    timeout: Duration,
    streams: MethodSet,
}

impl PropagateDeadlineLayer {
    /// No call takes longer than `timeout`, with or without a deadline of its caller.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            streams: MethodSet::default(),
        }
    }

    /// Exempts these methods, by their full names, from the timeout: a stream may last as long as
    /// it is read. The deadline of the caller still holds.
    #[must_use]
    pub fn without_timeout<'a>(mut self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        methods
            .into_iter()
            .for_each(|method| self.streams.add(method));
        self
    }

    /// The timeout for calls of this path; `None` where there is none.
    fn timeout_of(&self, path: &str) -> Option<Duration> {
        (!self.streams.contain(path)).then_some(self.timeout)
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PropagateDeadline {
            inner,
            limits: Arc::new(self.clone()),
        }
    }
}

/// Sends `grpc-timeout` with what is left: made by [`PropagateDeadlineLayer`].
#[derive(Clone, Debug)]
pub struct PropagateDeadline<S> {
    inner: S,
    limits: Arc<PropagateDeadlineLayer>,
}

impl<S> PropagateDeadline<S> {
    /// The earliest of: the call that is served, what the handler asks for, the layer's own timeout.
    fn deadline_of(&self, request: &Request<Body>) -> Option<Deadline> {
        let asked = request
            .headers()
            .get(GRPC_TIMEOUT)
            .and_then(|value| parse_timeout(value).ok());
        let own = self.limits.timeout_of(request.uri().path());
        let own = asked.into_iter().chain(own).min().map(Deadline::after);
        let served = request.extensions().get().copied();
        let served = served.or_else(Deadline::current);
        served.into_iter().chain(own).min()
    }
}

impl<S: Stack> Service<Request<Body>> for PropagateDeadline<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some(deadline) = self.deadline_of(&request) else {
            return HookFuture::pass(self.inner.call(request), None).into();
        };
        let left = deadline.remaining();
        if left.is_zero() {
            return HookFuture::answer(exceeded().into_http()).into();
        }
        request
            .headers_mut()
            .insert(GRPC_TIMEOUT, format_timeout(left));
        request.extensions_mut().insert(deadline);
        let call = deadline.enter(|| self.inner.call(request));
        HookFuture::pass(call, Some(Expiry::new(deadline))).into()
    }
}

response_future! {
    /// The response future of [`PropagateDeadline`].
    Option<Expiry>
}
