//! What a service changes before it serves.

use std::future::pending;

use futures_util::FutureExt as _;
use grpc_wire::UnknownMethod;
use tonic::service::Routes;
use tonic_resilience::{server::health::Health, tls::Tls};

use super::{ServiceHost, Watch};
use crate::server::Layers;

impl ServiceHost {
    /// Changes the layers, as for a server whose callers are strangers.
    ///
    /// # Errors
    ///
    /// [`UnknownMethod`] where the change names a method that is not in the contract.
    pub fn layers(
        mut self,
        change: impl FnOnce(Layers) -> Result<Layers, UnknownMethod>,
    ) -> Result<Self, UnknownMethod> {
        self.layers = change(self.layers)?;
        Ok(self)
    }

    /// Speaks TLS with these certificates or configurations in place of those of its
    /// [`HostConfig`](super::HostConfig), as a server and to the services that it calls. Before [`behind`](Self::behind).
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.server = self.server.tls(tls.clone());
        self.tls = Some(tls);
        self
    }

    /// Leaves the current span of `tracing` out: [`Layers::without_current_span`].
    #[must_use]
    pub fn without_current_span(mut self) -> Self {
        self.layers = self.layers.without_current_span();
        self
    }

    /// For a server whose callers are services of the stack: with TLS only `peers` may call, by
    /// their certificates, and each connection may carry the calls of many callers.
    #[must_use]
    pub fn behind(mut self, peers: &[&str]) -> Self {
        self.server = self.limits.inner_server();
        if let Some(tls) = &self.tls {
            self.layers = self.layers.allow_peers(self.contract.service, peers);
            self.server = self.server.tls(tls.clone());
        }
        self
    }

    /// Adds what the service does: `|routes| routes.add_service(…)`.
    #[must_use]
    pub fn handlers(mut self, add: impl FnOnce(Routes) -> Routes) -> Self {
        self.routes = add(self.routes);
        self
    }

    /// Runs `watch` while the service serves: it reports to the health of the service whether what
    /// the service needs is there.
    #[must_use]
    pub fn watch<F>(mut self, watch: impl FnOnce(Health) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let watch = watch(self.health.clone());
        // When `watch` ends, the health stays as it was, and the server goes on.
        self.watch = Watch(watch.then(|()| pending()).boxed());
        self
    }
}
