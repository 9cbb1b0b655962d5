//! The one way to host a service: its layers, TLS, health, reflection, and the drain at its end.
//!
//! A service itself has its handlers, the services that it calls, and what it needs to be ready.

use std::{
    fmt::{self, Debug, Formatter},
    future::pending,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use grpc_wire::UnknownMethod;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::{
    names::Names,
    server::{Drained, ServeError, Server, health::Health},
    stack::Stack,
    tls::Tls,
};
use tonic_telemetry::Telemetry;

use crate::{
    captured::Captured,
    client::{NextHop, Servers},
    faults::Faults,
    reflection,
    server::{Layers, Limits, OpenError},
    tls::{Certificates, LoadError},
};

/// The contract of a service, as the code generation wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// The short name in certificates and faults, as `user`.
    pub name: &'static str,
    /// The full name, as `shop.v1.UserService`.
    pub service: &'static str,
    /// Its encoded descriptor set: the methods that are measured and checked.
    pub descriptor_set: &'static [u8],
    /// An encoded descriptor set with all that it imports, for reflection.
    pub imports: &'static [u8],
    /// The names of its span attributes, and its error domain.
    pub names: &'static Names,
}

/// What a service is told of how it is hosted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct HostConfig {
    /// Who it is to the services around it.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub certificates: Certificates,
    /// What the server allows.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub limits: Limits,
    /// What callers may ask for.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub faults: Faults,
    /// What of their metadata is on its spans.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub captured: Captured,
}

/// A service that is open and not yet serving.
#[derive(Debug)]
pub struct ServiceHost {
    contract: Contract,
    limits: Limits,
    tls: Option<Tls>,
    health: Health,
    routes: Routes,
    layers: Layers,
    server: Server,
    watch: Watch,
}

/// Runs beside the server.
struct Watch(BoxFuture<'static, ()>);

impl Debug for Watch {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watch")
    }
}

/// Why a service cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] LoadError),
    /// The contract is not what the code generation wrote, or its metrics cannot be registered.
    #[error("cannot put the server together")]
    Server(#[from] OpenError),
    /// The contract is not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] reflection::Error),
}

impl ServiceHost {
    /// Reads the certificates of the service and makes its layers, its health and its reflection.
    ///
    /// # Errors
    ///
    /// [`HostError`] when the certificates cannot be used or the contract is damaged.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn open(
        contract: Contract,
        config: &HostConfig,
        telemetry: &Telemetry,
    ) -> Result<Self, HostError> {
        let HostConfig {
            certificates,
            limits,
            faults,
            captured,
        } = config;
        let tls = certificates.load(contract.name, telemetry)?;
        let health_set = tonic_health::pb::FILE_DESCRIPTOR_SET;
        let sets = [contract.descriptor_set, health_set];
        let layers = Layers::new(&sets, contract.names, limits, telemetry)?;
        let (health, health_service) = Health::new(&[contract.service]);
        let routes = reflection::add_to(
            Routes::new(health_service),
            &[contract.imports, health_set],
            // The descriptor set has other contracts only because contracts import each other.
            &[contract.service, "grpc.health.v1.Health"],
        )?;
        Ok(Self {
            contract,
            tls,
            health,
            routes,
            layers: captured.add_to(layers.inject_faults(faults.layer(contract.name))),
            server: limits.server(),
            limits: limits.clone(),
            watch: Watch(pending().boxed()),
        })
    }

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
    /// [`HostConfig`], as a server and to the services that it calls. Before [`behind`](Self::behind).
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

    /// A service that this one calls, with the defaults filled in; there may be any number of them.
    /// Add which of its methods are idempotent, and what differs from the defaults.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use tonic_stack::{client::{Channel, ConnectError, NextHop}, host::ServiceHost};
    /// # fn open(host: &ServiceHost, telemetry: &tonic_telemetry::Telemetry) -> Result<Channel, ConnectError> {
    /// # let (descriptor_set, target) = (tonic_health::pb::FILE_DESCRIPTOR_SET, "dns:///stock:50052".parse().unwrap());
    /// let stock = NextHop {
    ///     timeout: Duration::from_millis(500),
    ///     idempotent: &["shop.v1.Stock/Find"],
    ///     ..host.next_hop("stock", descriptor_set, &target)
    /// };
    /// stock.connect(telemetry)
    /// # }
    /// ```
    #[must_use]
    pub fn next_hop<'a>(
        &'a self,
        name: &'a str,
        descriptor_set: &'a [u8],
        servers: impl Into<Servers>,
    ) -> NextHop<'a> {
        NextHop {
            tls: self.tls.as_ref(),
            max_calls: self.limits.max_calls,
            ..NextHop::new(self.contract.names, name, descriptor_set, servers)
        }
    }

    /// Adds what the service does: `|routes| routes.add_service(…)`.
    #[must_use]
    pub fn handlers(mut self, add: impl FnOnce(Routes) -> Routes) -> Self {
        self.routes = add(self.routes);
        self
    }

    /// Whether the service takes calls.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The handlers within their layers, for a listener of another protocol, for another kind of
    /// socket, or for a client in the same process; clones share the limits.
    #[must_use]
    pub fn stack(&self) -> impl Stack + Sync + use<> {
        self.layers.clone().around(self.routes.clone())
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

    /// Serves until `shutdown` resolves, then lets the calls in flight end.
    ///
    /// # Errors
    ///
    /// [`ServeError`] when the listener is broken.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Drained, ServeError> {
        self.health.set_serving(true);
        let stack = self.layers.around(self.routes);
        let serve = self.server.serve(listener, stack, self.health, shutdown);
        tokio::select! {
            served = serve => served,
            () = self.watch.0 => unreachable!("it is pending for ever"),
        }
    }
}
