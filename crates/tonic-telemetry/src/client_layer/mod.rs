//! One CLIENT span and one sample for each call that goes out, an INTERNAL span for each attempt.
//!
//! ```text
//!  generated client ─► TraceClientLayer ─► retries ─► TraceClientLayer::attempt ─► channel
//!                       ::over_attempts
//! ```
//!
//! Where nothing retries, the first layer is enough, without `over_attempts`. Attempts are not CLIENT spans, so that a hop
//! has exactly one CLIENT span, however many attempts its call has.

mod methods;
mod peer;
mod service;

pub use peer::Peer;
pub use service::TraceClient;

use std::sync::Arc;

use grpc_wire::Methods;
use http::HeaderName;
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::SdkTracer;
use tower_layer::Layer;

use crate::{
    Propagator,
    metrics::Registry,
    propagation::{W3cPropagator, header_name},
};
use methods::ClientMethods;

/// Traces and measures the calls that a client makes to one peer.
///
/// Each call makes a CLIENT span, the child of the active span, and a sample of
/// `grpc_client_rpc_duration_seconds`; the request carries the context, sampled or not.
/// An error that the generated client finds above this layer, such as a message that is too large,
/// is `CANCELLED` here, because the client drops the answer.
/// Spec: [RPC client spans][spec] (semantic conventions v1.44.0).
///
/// ```
/// # use tonic_telemetry::{Methods, Peer, TraceClientLayer, metrics};
/// # use opentelemetry::trace::TracerProvider as _;
/// # use tower::Layer as _;
/// # let tracer = opentelemetry_sdk::trace::SdkTracerProvider::default().tracer("");
/// # let (metrics, methods) = (metrics::Registry::new(), Methods::default());
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// # let _active = runtime.enter();
/// let peer = Peer::new("user", "127.0.0.1", 50052);
/// let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:50052").connect_lazy();
/// let traced = TraceClientLayer::new(tracer, &metrics, &methods, peer).layer(channel);
/// let client = tonic_health::pb::health_client::HealthClient::new(traced);
/// ```
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/rpc/rpc-spans.md#client-span
#[derive(Clone, Debug)]
pub struct TraceClientLayer {
    tracer: SdkTracer,
    propagator: Propagator,
    /// The headers that the propagator writes.
    fields: Vec<HeaderName>,
    methods: ClientMethods,
    peer: Vec<KeyValue>,
    role: Role,
    /// Whether its requests carry the context; not where the layer of the attempts writes it.
    injects: bool,
}

/// What one request through the layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A call, with all its attempts.
    Call,
    /// One attempt of a call; `number` is the name of the attribute with its number.
    Attempt { number: &'static str },
}

impl TraceClientLayer {
    /// A layer for calls of these methods, which injects W3C trace context. All their series start at zero here.
    ///
    /// Without any, methods are learned: each has its series from the first call of a generated client on. Calls of
    /// other clients are `_OTHER`, unless they put a [`GrpcMethod`](tonic::GrpcMethod) into their extensions.
    #[must_use]
    pub fn new(tracer: SdkTracer, metrics: &Registry, methods: &Methods, peer: Peer) -> Self {
        let propagator: Propagator = Arc::new(W3cPropagator::default());
        Self {
            tracer,
            fields: header_names(&propagator),
            propagator,
            methods: ClientMethods::new(metrics, methods, peer.subject()),
            peer: peer.attributes(),
            role: Role::Call,
            injects: true,
        }
    }

    /// Leaves the headers of a request alone, for [`attempt`](Self::attempt) below writes the context
    /// of each attempt: to write that of the call before would be in vain.
    #[must_use]
    pub fn over_attempts(mut self) -> Self {
        self.injects = false;
        self
    }

    /// The layer for each attempt of a call. It goes below the layer that retries.
    ///
    /// An attempt has an INTERNAL span, the child of the call's CLIENT span, named `Attempt` and the
    /// method, with its number from 1 as the attribute `number`, and a sample of
    /// `grpc_client_attempt_duration_seconds`. The name begins with a prefix of the program, as
    /// `shop.rpc.attempt`: the conventions have none for it. The request carries the context of the attempt.
    /// Spec: [gRFC A72][a72].
    ///
    /// [a72]: https://github.com/grpc/proposal/blob/master/A72-open-telemetry-tracing.md
    #[must_use]
    pub fn attempt(mut self, number: &'static str) -> Self {
        self.role = Role::Attempt { number };
        self.injects = true;
        self.methods = self.methods.role(self.role);
        self
    }

    /// Whether any call makes a span: none does where spans are switched off.
    pub(crate) fn spans(mut self, on: bool) -> Self {
        self.methods = self.methods.spans(on);
        self
    }

    /// Injects the context by another propagator.
    #[must_use]
    pub fn propagator(mut self, propagator: Propagator) -> Self {
        self.fields = header_names(&propagator);
        self.propagator = propagator;
        self
    }
}

impl<S> Layer<S> for TraceClientLayer {
    type Service = TraceClient<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceClient::new(inner, Arc::new(self.clone()))
    }
}

fn header_names(propagator: &Propagator) -> Vec<HeaderName> {
    propagator.fields().filter_map(header_name).collect()
}
