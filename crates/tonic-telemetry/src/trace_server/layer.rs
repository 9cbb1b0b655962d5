use std::sync::Arc;

use grpc_wire::{MethodTable, Methods};
use opentelemetry_sdk::trace::SdkTracer;
use tower_layer::Layer;

use super::TraceServer;
use crate::{
    Propagator,
    call::ObservedMethod,
    metrics::{Registry, ServerCounters},
    propagation::{Trust, W3cPropagator},
};

/// Traces and measures the calls that a server answers.
///
/// Each makes a SERVER span, the child of the caller's if the request names one, and a sample of
/// `grpc_rpc_duration_seconds`, both from the request headers to the last byte of the answer.
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
    pub(super) tracer: SdkTracer,
    pub(super) propagator: Propagator,
    pub(super) methods: Arc<MethodTable<ServerMethod>>,
    pub(super) trust: Trust,
    pub(super) announces: bool,
}

#[derive(Clone, Debug)]
pub(super) struct ServerMethod {
    pub(super) observed: ObservedMethod,
    pub(super) counters: ServerCounters,
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
        }
    }

    /// Extracts the caller's context in another way.
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

    /// Says what the context of a caller is worth; by default each call continues its trace.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
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
