//! The profile service: the last hop of the chain.

mod config;
mod error;
mod service;
mod store;

pub use config::Config;
pub use store::StoreError;

use std::future::pending;

use outbox::Transport;
use proto::profile::v1::{FILE_DESCRIPTOR_SET, profile_service_server};
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

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database of the profiles cannot be opened.
    #[error("cannot open the profiles")]
    Store(#[from] StoreError),
    /// It cannot be hosted.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Opens the database, and makes and fills its table at the first start.
///
/// # Errors
/// [`OpenError::Store`] when the database cannot be opened.
pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<ServiceHost, OpenError> {
    // A handler that needs a current span makes its own, by `#[instrument]`.
    let host = ServiceHost::open(CONTRACT, &config.host, telemetry)?
        .without_current_span()
        .behind(&["user"]);
    let store = Store::open(&config.database_url, &config.events, telemetry).await?;
    let faults = config.host.faults.layer(CONTRACT.name);
    let consumer = store
        .clone()
        .consume(faults.map(|layer| layer.names(&proto::NAMES)));
    let reader = read(store.clone(), config.events.clone());
    let service = ProfileServiceServer::new(Service::new(store.clone()));
    Ok(host
        .handlers(|routes| routes.add_service(service))
        .watch(|health| async { tokio::join!(store.watch(health), consumer, reader).0 }))
}

/// Takes events from where `PublishEvents` does not bring them. Never ends.
async fn read(store: Store, events: Transport) {
    match events {
        Transport::Grpc => pending().await,
        Transport::Kafka(url) => store.read(url, service::check).await,
    }
}
