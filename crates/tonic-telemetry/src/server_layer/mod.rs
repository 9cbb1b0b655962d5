//! One SERVER span and one sample for each call that comes in.
//!
//! [`TraceServerLayer`] goes outermost: what the layers below it refuse is traced too.

mod answer;
mod authority;
mod captured;
mod methods;
mod service;
mod unproven;

pub(crate) use self::unproven::Unproven;
pub use self::{answer::AnswerFuture, service::TraceServer};

use std::sync::Arc;

use grpc_wire::Methods;
use http::HeaderName;
use opentelemetry_sdk::trace::SdkTracer;
use tower_layer::Layer;

use crate::{
    Propagator,
    metrics::Registry,
    propagation::{Trust, W3cPropagator},
};
use captured::Captured;
use methods::ServerMethods;

/// Traces and measures the calls that a server answers.
///
/// Each call makes a SERVER span, the child of the caller's span if the request names one, and a
/// sample of `grpc_rpc_duration_seconds`, both from the request headers to the last byte of the
/// answer. Health checks are measured, and make no spans.
///
/// A request whose content type is not that of gRPC is no call: it passes, and nothing is recorded.
/// So the layer may also stand around a router of axum with pages of other kinds. gRPC-Web is gRPC
/// only below `tonic_web::GrpcWebLayer`, so that layer goes outside this one.
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
    methods: ServerMethods,
    trust: Trust,
    announces: bool,
    current_span: bool,
    captured: Vec<Captured>,
    all_requests: bool,
}

impl TraceServerLayer {
    /// A layer for these methods, which extracts W3C trace context. All their series start at zero here.
    ///
    /// Without any, methods are learned: each has its series from its first call on that ends `OK`, or otherwise
    /// shows that it exists. Whatever a caller makes up is `_OTHER`.
    #[must_use]
    pub fn new(tracer: SdkTracer, metrics: &Registry, methods: &Methods) -> Self {
        Self {
            tracer,
            propagator: Arc::new(W3cPropagator::default()),
            methods: ServerMethods::new(metrics, methods),
            trust: Trust::Continue,
            announces: false,
            current_span: true,
            captured: Vec::new(),
            all_requests: false,
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
    /// For what is called every second and would bury the other traces, as health checks are without
    /// being named. A name that no descriptor declares changes nothing.
    #[must_use]
    pub fn without_spans(self, service: &str) -> Self {
        self.traced(service, false)
    }

    /// Makes spans for the calls of a service that has none by default, `grpc.health.v1.Health`.
    #[must_use]
    pub fn with_spans(self, service: &str) -> Self {
        self.traced(service, true)
    }

    /// Whether any call makes a span: none does where spans are switched off.
    pub(crate) fn spans(mut self, on: bool) -> Self {
        self.methods = self.methods.spans(on);
        self
    }

    fn traced(mut self, service: &str, traced: bool) -> Self {
        self.methods = self.methods.traced(service, traced);
        self
    }

    /// Records each request as a call, also one that is not gRPC: for a port where nothing else is
    /// served, so that what is sent there by mistake is seen.
    #[must_use]
    pub fn all_requests(mut self) -> Self {
        self.all_requests = true;
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
    /// For services that hand no work to other tasks. It spares a tenth of what tonic takes for a call.
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
    pub fn capture_metadata(self, key: HeaderName) -> Self {
        self.capture_metadata_where(key, |_| true)
    }

    /// As [`capture_metadata`](Self::capture_metadata), without the values that `keep` refuses.
    #[must_use]
    pub fn capture_metadata_where(mut self, key: HeaderName, keep: fn(&str) -> bool) -> Self {
        self.captured.push(Captured::new(key, keep));
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
