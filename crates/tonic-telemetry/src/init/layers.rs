use std::sync::Arc;

use grpc_wire::Methods;
use tonic::transport::{Channel, Endpoint};
use tower_layer::Layer as _;

use super::Telemetry;
use crate::{
    client_layer::{Peer, TraceClient, TraceClientLayer},
    server_layer::TraceServerLayer,
};

impl Telemetry {
    /// Traces and measures the calls of these methods that a server answers.
    #[must_use]
    pub fn server_layer(&self, methods: &Methods) -> TraceServerLayer {
        TraceServerLayer::new(self.tracer.clone(), &self.metrics, methods)
            .propagator(Arc::clone(&self.propagator))
    }

    /// Traces and measures the calls of these methods that a client makes to `peer`.
    #[must_use]
    pub fn client_layer(&self, methods: &Methods, peer: Peer) -> TraceClientLayer {
        TraceClientLayer::new(self.tracer.clone(), &self.metrics, methods, peer)
            .propagator(Arc::clone(&self.propagator))
    }

    /// A client's channel with this layer: connects with its first call, and `name` is the label `target` of its
    /// metrics. Its type is `TraceClient<Channel>`; a clone shares the connection.
    ///
    /// ```
    /// use tonic::transport::{Channel, Endpoint};
    /// use tonic_health::pb::health_client::HealthClient;
    /// use tonic_telemetry::{Methods, Telemetry, TraceClient};
    ///
    /// fn user(telemetry: &Telemetry, methods: &Methods, url: String)
    ///     -> Result<HealthClient<TraceClient<Channel>>, tonic::transport::Error>
    /// {
    ///     let endpoint = Endpoint::from_shared(url)?;
    ///     Ok(HealthClient::new(telemetry.channel("user", &endpoint, methods)))
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn channel(
        &self,
        name: impl Into<String>,
        endpoint: &Endpoint,
        methods: &Methods,
    ) -> TraceClient<Channel> {
        let peer = Peer::at(name, endpoint.uri());
        self.client_layer(methods, peer)
            .layer(endpoint.connect_lazy())
    }
}
