use std::{
    sync::Arc,
    task::{self, Poll},
};

use bytes::Bytes;
use grpc_wire::Side;
use http::{HeaderMap, Request, Response};
use http_body::Body as HttpBody;
use opentelemetry::{
    Context,
    trace::{Link, SpanKind, TraceContextExt as _},
};
use tonic::{Status, body::Body};
use tower_service::Service;

use super::{TraceServerLayer, authority, layer::ServerMethod};
use crate::{
    BoxError,
    call::{CallStart, ObservedCall, RequestBody, ResponseBody, ResponseFuture, first_attributes},
    propagation::{Headers, Trust, baggage_of},
};

/// The service that [`TraceServerLayer`] puts around another.
#[derive(Clone, Debug)]
pub struct TraceServer<S> {
    inner: S,
    // Shared: the service is cloned for each request.
    layer: Arc<TraceServerLayer>,
}

impl<S> TraceServer<S> {
    pub(super) fn new(inner: S, layer: Arc<TraceServerLayer>) -> Self {
        Self { inner, layer }
    }

    fn observe<B>(&self, method: &ServerMethod, request: &Request<B>) -> ObservedCall {
        let mut attributes = first_attributes(&method.observed.method, request.uri().path());
        attributes.extend(authority::attributes(request));
        attributes.extend(authority::peer(request));
        let (parent, link) = self.parent(request.headers());
        let start = CallStart {
            side: Side::Server,
            kind: SpanKind::Server,
            method: &method.observed,
            parent,
            link,
            attributes,
        };
        ObservedCall::start(&self.layer.tracer, start)
    }

    /// What the call hangs below, and what it is linked to.
    fn parent(&self, headers: &HeaderMap) -> (Context, Option<Link>) {
        // What happens to be active here is no part of the call.
        let root = Context::new();
        let caller = self
            .layer
            .propagator
            .extract_with_context(&root, &Headers(headers));
        match self.layer.trust {
            Trust::Continue => (caller, None),
            Trust::Restart => (baggage_of(&caller), None),
            Trust::Link => (baggage_of(&caller), link_to(&caller)),
        }
    }
}

fn link_to(caller: &Context) -> Option<Link> {
    let span = caller.span();
    let named = span.span_context().is_valid();
    named.then(|| Link::with_context(span.span_context().clone()))
}

impl<S, B, R> Service<Request<B>> for TraceServer<S>
where
    S: Service<Request<Body>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    R: HttpBody<Data = Bytes>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = Status;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Status>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Status::from_error(error.into()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = Arc::clone(&self.layer);
        let method = layer.methods.get(request.uri().path());
        let counters = &method.counters;
        counters.started.inc();
        let call = self.observe(method, &request);
        let (context, received) = (call.context().clone(), counters.received.clone());
        // The body that tonic's router would put it into; below this layer all is one type.
        let request =
            request.map(|body| Body::new(RequestBody::new(body, context, Some(received))));
        ResponseFuture::new(call, || self.inner.call(request))
            .announcing(layer.announces)
            .counting(counters.sent.clone())
    }
}
