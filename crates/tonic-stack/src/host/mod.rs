//! The one way to host a service: its layers, TLS, health, reflection, and the drain at its end.
//!
//! A service itself has its handlers, the services that it calls, and what it needs to be ready.

mod config;
mod settings;

pub use self::config::{Contract, HostConfig};

use std::{
    fmt::{self, Debug, Formatter},
    future::pending,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::{
    server::{Drained, ServeError, Server, health::Health},
    stack::Stack,
    tls::Tls,
};
use tonic_telemetry::Telemetry;

use crate::{
    client::{NextHop, Servers},
    reflection,
    server::{Layers, Limits, OpenError},
    tls::LoadError,
};

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
