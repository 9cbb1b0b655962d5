use std::{
    convert::Infallible,
    sync::{Arc, Once},
    task::{self, Poll},
};

use bytes::Bytes;
use grpc_wire::{CallStatus, Side, is_grpc};
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use opentelemetry::{
    Context,
    trace::{Link, SpanKind, SpanRef},
};
use tonic::{Status, body::Body};
use tower_service::Service;

use super::{AnswerFuture, TraceServerLayer, Unproven, authority, methods::ServerMethod};
use crate::{
    BoxError,
    observe::{
        CallStart, ObservedCall, RequestBody, ResponseBody, ResponseFuture, first_attributes,
    },
    propagation::{Headers, Trust, baggage_of, link_to},
};

/// The service that [`TraceServerLayer`] puts around another.
#[derive(Clone, Debug)]
pub struct TraceServer<S> {
    inner: S,
    // Shared: the service is cloned for each request.
    layer: Arc<TraceServerLayer>,
    /// Why the inner service takes no more requests.
    broken: Option<Status>,
}

impl<S> TraceServer<S> {
    pub(super) fn new(inner: S, layer: Arc<TraceServerLayer>) -> Self {
        Self {
            inner,
            layer,
            broken: None,
        }
    }

    /// Whether a request is recorded.
    fn is_call(&self, headers: &HeaderMap) -> bool {
        self.layer.all_requests || is_grpc(headers) || {
            warn_of_grpc_web(headers);
            false
        }
    }

    fn observe<B>(
        &self,
        method: &ServerMethod,
        unproven: Option<Box<Unproven>>,
        request: &Request<B>,
    ) -> ObservedCall {
        let (parent, link) = self.parent(request.headers());
        let start = CallStart {
            side: Side::Server,
            kind: SpanKind::Server,
            method: &method.observed,
            unproven,
            parent,
            link,
            current_span: self.layer.current_span,
        };
        let path = request.uri().path();
        let named = start.unproven.is_none().then_some(&method.observed.method);
        let call = ObservedCall::start(&self.layer.tracer, start, |_| {
            let mut attributes = first_attributes(named, path);
            authority::add_server(&mut attributes, request);
            attributes
        });
        // No sampler decides by these, so an unrecorded call is spared them.
        if let Some(span) = call.span().filter(SpanRef::is_recording) {
            span.set_attributes(authority::peer(request));
            let captured = self.layer.captured.iter();
            span.set_attributes(captured.filter_map(|key| key.attribute(request.headers())));
        }
        call
    }

    /// The parent of the call's span, and the span that it links to.
    fn parent(&self, headers: &HeaderMap) -> (Context, Option<Link>) {
        // A context that is active on this thread is no part of the call.
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

/// Says once that gRPC-Web is not recorded here: its calls become gRPC inside `tonic-web`.
fn warn_of_grpc_web(headers: &HeaderMap) {
    static ONCE: Once = Once::new();
    let content_type = headers.get(CONTENT_TYPE);
    if content_type.is_some_and(|it| it.as_bytes().starts_with(b"application/grpc-web")) {
        ONCE.call_once(|| {
            tracing::warn!(
                "a call of gRPC-Web is not recorded: GrpcWebLayer goes outside the telemetry layer"
            );
        });
    }
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
    type Error = Infallible;
    type Future = AnswerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        let ready = task::ready!(self.inner.poll_ready(cx));
        self.broken = ready.err().map(|error| Status::from_error(error.into()));
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if !self.is_call(request.headers()) {
            return match self.broken.take() {
                Some(status) => AnswerFuture::broken(status),
                None => AnswerFuture::passing(self.inner.call(request.map(Body::new))),
            };
        }
        let layer = Arc::clone(&self.layer);
        let path = request.uri().path();
        let made_up;
        let (method, unproven) = if let Some(method) = layer.methods.find(path) {
            (method, None)
        } else {
            made_up = layer.methods.unproven(path);
            let unproven = Unproven::new(&layer, &made_up, request.uri());
            (&made_up, Some(Box::new(unproven)))
        };
        let counters = &method.counters;
        counters.started.inc();
        let request_ended = unproven.as_ref().map(|unproven| unproven.request_ended());
        let mut call = self.observe(method, unproven, &request);
        if let Some(status) = self.broken.take() {
            call.end(&CallStatus::from(&status));
            return AnswerFuture::broken(status);
        }
        let (context, received) = (call.context().clone(), Some(counters.received.clone()));
        // Tonic's router would box the body anyway; so all layers below have one body type.
        let request = request.map(|body| {
            Body::new(RequestBody::new(body, context, received).with_end(request_ended))
        });
        let sent = Some(counters.sent.clone());
        AnswerFuture::call(ResponseFuture::new(call, layer.announces, sent, || {
            self.inner.call(request)
        }))
    }
}
