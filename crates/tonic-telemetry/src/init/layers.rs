use std::sync::Arc;

use grpc_wire::Methods;
use tonic::transport::{Endpoint, Error, Server};
use tower_layer::{Identity, Layer as _, Stack};

use super::Telemetry;
use crate::{
    Channel,
    client_layer::{Peer, TraceClientLayer},
    server_layer::TraceServerLayer,
};

impl Telemetry {
    /// Traces and measures the calls of these methods that a server answers; without any it [learns](TraceServerLayer::new)
    /// them.
    #[must_use]
    pub fn server_layer(&self, methods: &Methods) -> TraceServerLayer {
        TraceServerLayer::new(self.tracer.clone(), &self.metrics, methods)
            .propagator(Arc::clone(&self.propagator))
            .spans(self.spans.is_on())
    }

    /// Traces and measures the calls of these methods that a client makes to `peer`; without any it
    /// [learns](TraceClientLayer::new) them.
    #[must_use]
    pub fn client_layer(&self, methods: &Methods, peer: Peer) -> TraceClientLayer {
        TraceClientLayer::new(self.tracer.clone(), &self.metrics, methods, peer)
            .propagator(Arc::clone(&self.propagator))
            .spans(self.spans.is_on())
    }

    /// tonic's [`Server::builder`] with the server layer for [the methods](crate::Options::methods) of this telemetry as
    /// its outermost layer.
    ///
    /// For other methods, or with settings of the layer: `Server::builder().layer(telemetry.server_layer(&methods))`.
    #[must_use]
    pub fn server(&self) -> Server<Stack<TraceServerLayer, Identity>> {
        Server::builder().layer(self.server_layer(&self.methods))
    }

    /// A client's channel with the client layer for [the methods](crate::Options::methods) of this telemetry.
    ///
    /// It connects with its first call, and `name` is the label `target` of its metrics. `endpoint` is a URL, or an
    /// [`Endpoint`] with settings. A clone shares the connection.
    ///
    /// ```
    /// use tonic::transport::Error;
    /// use tonic_health::pb::health_client::HealthClient;
    /// use tonic_telemetry::{Channel, Telemetry};
    ///
    /// fn user(telemetry: &Telemetry, url: String) -> Result<HealthClient<Channel>, Error> {
    ///     Ok(HealthClient::new(telemetry.channel("user", url)?))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Endpoint::new`]: it is no URL.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn channel<E>(&self, name: impl Into<String>, endpoint: E) -> Result<Channel, Error>
    where
        E: TryInto<Endpoint, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let endpoint = Endpoint::new(endpoint)?;
        let peer = Peer::at(name, endpoint.uri());
        let layer = self.client_layer(&self.methods, peer);
        Ok(layer.layer(endpoint.connect_lazy()))
    }
}
