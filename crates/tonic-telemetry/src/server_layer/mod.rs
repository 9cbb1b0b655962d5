//! One SERVER span and one sample for each call that comes in.
//!
//! [`TraceServerLayer`] goes outermost: what the layers below it refuse is traced too.

mod authority;
mod captured;

use std::{
    sync::Arc,
    task::{self, Poll},
};

use bytes::Bytes;
use grpc_wire::{MethodTable, Methods, Side};
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::Body as HttpBody;
use opentelemetry::{
    Context,
    trace::{Link, SpanKind, TraceContextExt as _},
};
use opentelemetry_sdk::trace::SdkTracer;
use tonic::{Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    BoxError, Propagator,
    metrics::{Registry, ServerCounters},
    observe::{
        CallStart, ObservedCall, ObservedMethod, RequestBody, ResponseBody, ResponseFuture,
        first_attributes,
    },
    propagation::{Headers, Trust, W3cPropagator, baggage_of},
};
use captured::Captured;

/// Traces and measures the calls that a server answers.
///
/// Each call makes a SERVER span, the child of the caller's span if the request names one, and a
/// sample of `grpc_rpc_duration_seconds`, both from the request headers to the last byte of the
/// answer.
/// Spec: [RPC server spans][spec] (semantic conventions v1.44.0).
///
/// ```
/// # use tonic_telemetry::{Methods, TraceServerLayer, metrics};
/// # use opentelemetry::trace::TracerProvider as _;
/// # let tracer = opentelemetry_sdk::trace::SdkTracerProvider::default().tracer("");
/// # let (metrics, methods) = (metrics::Registry::new(), Methods::default());
/// let layer = TraceServerLayer::new(tracer, &metrics, &methods).announce_trace_id();
/// let router = tonic::transport::Server::builder().layer(layer);
/// ```
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/rpc-spans.md#server-span
#[derive(Clone, Debug)]
pub struct TraceServerLayer {
    tracer: SdkTracer,
    propagator: Propagator,
    methods: Arc<MethodTable<ServerMethod>>,
    trust: Trust,
    announces: bool,
    current_span: bool,
    captured: Vec<Captured>,
}

#[derive(Clone, Debug)]
struct ServerMethod {
    observed: ObservedMethod,
    counters: ServerCounters,
}

impl TraceServerLayer {
    /// A layer for these methods, which extracts W3C trace context.
    ///
    /// All series of the registered methods start at zero here.
    #[must_use]
    pub fn new(tracer: SdkTracer, metrics: &Registry, methods: &Methods) -> Self {
        let methods = methods.table(|method| {
            let (durations, counters) = metrics.rpc().server(method);
            ServerMethod {
                observed: ObservedMethod::new(method, durations),
                counters,
            }
        });
        Self {
            tracer,
            propagator: Arc::new(W3cPropagator::default()),
            methods: Arc::new(methods),
            trust: Trust::Continue,
            announces: false,
            current_span: true,
            captured: Vec::new(),
        }
    }

    /// Extracts the caller's context by another propagator.
    #[must_use]
    pub fn propagator(mut self, propagator: Propagator) -> Self {
        self.propagator = propagator;
        self
    }

    /// Makes no spans for the calls of a service, given by its full name; they are still measured.
    ///
    /// For probes: one every second would bury the other traces. A name that no descriptor declares
    /// changes nothing.
    #[must_use]
    pub fn without_spans(mut self, service: &str) -> Self {
        for ServerMethod { observed, .. } in Arc::make_mut(&mut self.methods).values_mut() {
            observed.traced &= observed.method.service != service;
        }
        self
    }

    /// How far a caller's context is trusted; by default each call continues its caller's trace.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Leaves the SERVER span out of `tracing`: `Span::current()` is none in a handler, and spans
    /// that are made directly in its future and its streams are still children of the SERVER span.
    ///
    /// For services that hand no work to other tasks. It spares 4 µs a call, about as much as the
    /// rest of the layer takes.
    #[must_use]
    pub fn without_current_span(mut self) -> Self {
        self.current_span = false;
        self
    }

    /// Writes the values of a key of request metadata, such as `jaeger-debug-id`, to the span attribute
    /// `rpc.request.metadata.KEY`, a list of texts. By default none is captured.
    ///
    /// Four values of 256 bytes at most: callers write what they like. What looks like a secret is
    /// hidden before it is exported.
    /// Spec: [gRPC attributes][spec] (semantic conventions v1.44.0).
    ///
    /// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/grpc.md
    #[must_use]
    pub fn capture_metadata(mut self, key: HeaderName) -> Self {
        self.captured.push(Captured::new(key));
        self
    }

    /// Puts `x-trace-id` and `traceresponse` into the headers of each traced answer.
    ///
    /// For the service that people call: they can then find the trace of what they saw.
    #[must_use]
    pub fn announce_trace_id(mut self) -> Self {
        self.announces = true;
        self
    }
}

impl<S> Layer<S> for TraceServerLayer {
    type Service = TraceServer<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceServer::new(inner, Arc::new(self.clone()))
    }
}

/// The service that [`TraceServerLayer`] puts around another.
#[derive(Clone, Debug)]
pub struct TraceServer<S> {
    inner: S,
    // Shared: the service is cloned for each request.
    layer: Arc<TraceServerLayer>,
}

impl<S> TraceServer<S> {
    fn new(inner: S, layer: Arc<TraceServerLayer>) -> Self {
        Self { inner, layer }
    }

    fn observe<B>(&self, method: &ServerMethod, request: &Request<B>) -> ObservedCall {
        let mut attributes = first_attributes(&method.observed.method, request.uri().path());
        attributes.extend(authority::attributes(request));
        attributes.extend(authority::peer(request));
        let captured = self.layer.captured.iter();
        attributes.extend(captured.filter_map(|key| key.attribute(request.headers())));
        let (parent, link) = self.parent(request.headers());
        let start = CallStart {
            side: Side::Server,
            kind: SpanKind::Server,
            method: &method.observed,
            parent,
            link,
            current_span: self.layer.current_span,
            attributes,
        };
        ObservedCall::start(&self.layer.tracer, start)
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
        let (scope, received) = (call.scope().clone(), counters.received.clone());
        // Tonic's router would box the body anyway; so all layers below have one body type.
        let request = request.map(|body| Body::new(RequestBody::new(body, scope, Some(received))));
        ResponseFuture::new(call, || self.inner.call(request))
            .announcing(layer.announces)
            .counting(counters.sent.clone())
    }
}
