//! The profile service: the last hop of the chain.

mod config;
mod error;
mod service;
mod store;

pub use config::Config;

use database::OpenError as DatabaseError;
use proto::profile::v1::{FILE_DESCRIPTOR_SET, profile_service_server};
use tokio::net::TcpListener;
use tonic_resilience::server::{Drained, ServeError, health::Health};
use tonic_stack::host::{Contract, HostError, ServiceHost};
use tonic_telemetry::Telemetry;

use profile_service_server::ProfileServiceServer;
use service::Service;
use store::Store;

const CONTRACT: Contract = Contract {
    name: "profile",
    service: profile_service_server::SERVICE_NAME,
    descriptor_set: FILE_DESCRIPTOR_SET,
    imports: proto::FILE_DESCRIPTOR_SET,
    names: &proto::NAMES,
};

/// The profile service, open and not yet serving.
#[derive(Debug)]
pub struct Profile {
    store: Store,
    host: ServiceHost,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The profiles are out of reach.
    #[error("cannot open the profiles")]
    Database(#[from] DatabaseError),
    /// It cannot be hosted.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Profile {
    /// Opens the database, and makes and fills its table at the first start.
    ///
    /// # Errors
    /// [`OpenError::Database`] when the database cannot be opened.
    pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let (certificates, limits) = (&config.certificates, &config.limits);
        let host = ServiceHost::open(CONTRACT, certificates, limits, config.faults, telemetry)?;
        let store = Store::open(&config.database_url, telemetry).await?;
        let service = ProfileServiceServer::new(Service::new(store.clone()));
        let host = host.behind(&["user"], limits);
        let host = host.handlers(|routes| routes.add_service(service));
        Ok(Self { store, host })
    }

    /// Whether the service takes calls.
    #[must_use]
    pub fn health(&self) -> &Health {
        self.host.health()
    }

    /// Serves until `shutdown` resolves, then lets the calls in flight end.
    ///
    /// # Errors
    /// [`ServeError`] when the listener is broken.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Drained, ServeError> {
        let Self { store, host } = self;
        let watch = |health: Health| async move {
            let report = |up| health.follow(up, "the database is down");
            store.watch(report).await;
        };
        host.serve_while(listener, shutdown, watch).await
    }
}
