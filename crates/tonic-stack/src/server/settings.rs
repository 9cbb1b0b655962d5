//! What a program changes in the layers of its server.

use std::mem;

use grpc_wire::UnknownMethod;
use http::HeaderName;
use tonic_resilience::{
    server::layers::{
        authenticate::AuthenticateLayer,
        authorize_peer::AuthorizePeerLayer,
        caller_limit::CallerLimitLayer,
        inject_fault::{self, InjectFaultLayer},
        rate_limit::RateLimitLayer,
    },
    stack::Stack,
};
use tonic_telemetry::propagation::Trust;
use tower::Layer;

use super::{Inner, Layers, Limits, PROBES, Position, REFLECTION, limits::percent};

impl Layers {
    /// Sets how far a caller's trace context is trusted; by default each call continues its trace.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trace = self.trace.trust(trust);
        self
    }

    /// Tells callers the trace id in `x-trace-id`: for the server that people call.
    #[must_use]
    pub fn announce_trace_id(mut self) -> Self {
        self.trace = self.trace.announce_trace_id();
        self
    }

    /// Leaves the current span of `tracing` out, as
    /// [`TraceServerLayer::without_current_span`](tonic_telemetry::TraceServerLayer::without_current_span)
    /// does: a call costs less, and spawned work leaves its trace unless it is given the context.
    #[must_use]
    pub fn without_current_span(mut self) -> Self {
        self.trace = self.trace.without_current_span();
        self
    }

    /// Writes a key of request metadata to the SERVER span, as
    /// [`TraceServerLayer::capture_metadata`](tonic_telemetry::TraceServerLayer::capture_metadata)
    /// does, but for baggage with hidden faults.
    #[must_use]
    pub fn capture_metadata(mut self, key: HeaderName) -> Self {
        self.trace = self
            .trace
            .capture_metadata_where(key, |value| !inject_fault::asks_for_hidden(value));
        self
    }

    /// Lets `peers` alone call a service, by their certificates; for a server that speaks TLS.
    ///
    /// Any trusted peer may call health and reflection: neither of them is secret.
    #[must_use]
    pub fn allow_peers(mut self, service: &str, peers: &[&str]) -> Self {
        let layer = AuthorizePeerLayer::default().names(self.names);
        let layer = layer.allow(service, peers);
        let open = [PROBES].into_iter().chain(REFLECTION);
        self.peers = Some(open.fold(layer, AuthorizePeerLayer::allow_all));
        self
    }

    /// Finds the caller by the token in the call; with `None` no token is read.
    ///
    /// # Errors
    ///
    /// [`UnknownMethod`] where a scope protects a method that no contract declares: the one that was
    /// meant would be open to anyone.
    pub fn authenticate(
        mut self,
        tokens: Option<AuthenticateLayer>,
    ) -> Result<Self, UnknownMethod> {
        for method in tokens.iter().flat_map(AuthenticateLayer::protected) {
            self.methods.named(method)?;
        }
        self.tokens = tokens.map(|layer| layer.names(self.names));
        Ok(self)
    }

    /// Allows each caller so many calls a second, and as many at once.
    #[must_use]
    pub fn limit_rate(mut self, per_second: u32) -> Self {
        self.rate = Some(RateLimitLayer::new(per_second, per_second).without(PROBES));
        self
    }

    /// Allows each caller `share` percent of the unary calls at a time that `limits` allow, and of
    /// the streams; for a server with many callers.
    #[must_use]
    pub fn share(mut self, limits: &Limits, share: u8) -> Self {
        let [calls, of_streams] =
            [limits.max_calls, limits.max_streams()].map(|limit| percent(limit, share));
        let streams = self.methods.streams().chain(REFLECTION);
        let layer = CallerLimitLayer::new(calls, of_streams).streams(streams);
        self.callers = Some(layer.separate(PROBES));
        self
    }

    /// Injects the faults that calls ask for: [`Faults::layer`](crate::faults::Faults::layer).
    #[must_use]
    pub fn inject_faults(mut self, faults: Option<InjectFaultLayer>) -> Self {
        self.faults = faults.map(|layer| layer.names(self.names));
        self
    }

    /// Adds a layer of the program's own, outside of those that were added at this position before.
    ///
    /// ```
    /// # use tonic_stack::server::{Layers, Position};
    /// # fn change(layers: Layers) -> Layers {
    /// use tower::util::MapRequestLayer;
    ///
    /// layers.with(
    ///     Position::Handler,
    ///     MapRequestLayer::new(|mut request: http::Request<tonic::body::Body>| {
    ///         request.extensions_mut().insert("tenant");
    ///         request
    ///     }),
    /// )
    /// # }
    /// ```
    #[must_use]
    pub fn with<L>(mut self, position: Position, layer: L) -> Self
    where
        L: Layer<Inner, Service: Stack + Sync> + Send + Sync + 'static,
    {
        let layers = match position {
            Position::Call => &mut self.at_call,
            Position::Caller => &mut self.at_caller,
            Position::Handler => &mut self.at_handler,
        };
        *layers = mem::take(layers).with(layer);
        self
    }

    /// Most bytes of one message of a request; default 4 MiB. The generated server has a limit of
    /// its own, `max_decoding_message_size`, with the same default.
    #[must_use]
    pub fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.validate_protocol = self.validate_protocol.max_message_bytes(bytes);
        self
    }
}
