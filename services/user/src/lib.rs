//! The user service: the middle hop of the chain.

mod config;
mod error;
mod service;
mod sink;
mod store;

pub use config::Config;
pub use store::StoreError;

use outbox::{KafkaSink, Transport};
use proto::{
    profile::v1::{
        FILE_DESCRIPTOR_SET as PROFILE_DESCRIPTOR_SET, profile_service_client::ProfileServiceClient,
    },
    user::v1::{FILE_DESCRIPTOR_SET, user_service_server},
};
use tonic_stack::{
    client::{Channel, ConnectError, NextHop},
    host::{Contract, HostError, ServiceHost},
};
use tonic_telemetry::Telemetry;

use service::Service;
use sink::ProfileSink;
use store::Store;
use user_service_server::UserServiceServer;

/// The client of the profile service.
pub(crate) type ProfileClient = ProfileServiceClient<Channel>;

const CONTRACT: Contract = Contract {
    name: "user",
    service: user_service_server::SERVICE_NAME,
    descriptor_set: FILE_DESCRIPTOR_SET,
    imports: proto::FILE_DESCRIPTOR_SET,
    names: &proto::NAMES,
};

/// The `source` of the events.
const EVENT_SOURCE: &str = "/user";

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database of the users cannot be opened.
    #[error("cannot open the users")]
    Store(#[from] StoreError),
    /// It cannot be hosted.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The profile service cannot be looked up.
    #[error(transparent)]
    Registry(#[from] etcd_registry::OpenError),
    /// The client of the profile service cannot be made.
    #[error("cannot put the client of the profile service together")]
    Client(#[from] ConnectError),
}

/// Opens the database, and makes and fills its table at the first start.
///
/// # Errors
/// [`OpenError::Store`] when the database cannot be opened.
pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<ServiceHost, OpenError> {
    // A handler that needs a current span makes its own, by `#[instrument]`.
    let host = ServiceHost::open(CONTRACT, &config.host, telemetry)?
        .without_current_span()
        .behind(&["gateway"]);
    let store = Store::open(&config.database_url, &config.events, telemetry).await?;
    let servers = config.registry.open(telemetry).servers(&config.profile)?;
    let profiles = NextHop {
        policy: config.profile_policy,
        timeout: config.profile_timeout,
        idempotent: &[
            "tracewalk.profile.v1.ProfileService/GetProfile",
            "tracewalk.profile.v1.ProfileService/PutProfile",
            "tracewalk.profile.v1.ProfileService/PublishEvents",
        ],
        ..host.next_hop("profile", PROFILE_DESCRIPTOR_SET, servers)
    };
    let profiles = ProfileServiceClient::new(profiles.connect(telemetry)?);
    let relay = relay(
        store.clone(),
        config.events.clone(),
        ProfileSink(profiles.clone()),
    );
    let service = UserServiceServer::new(Service::new(store.clone(), profiles));
    Ok(host
        .handlers(|routes| routes.add_service(service))
        .watch(|health| async { tokio::join!(store.watch(health), relay).0 }))
}

/// Publishes the events as asked. Never ends.
async fn relay(store: Store, events: Transport, profile: ProfileSink) {
    match events {
        Transport::Grpc => store.relay(profile).await,
        Transport::Kafka(url) => store.relay(KafkaSink::new(url, EVENT_SOURCE)).await,
    }
}
