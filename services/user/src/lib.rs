//! The user service: the middle hop of the chain.

mod config;
mod error;
mod service;
mod store;

pub use config::Config;

use database::OpenError as DatabaseError;
use proto::{
    profile::v1::{
        FILE_DESCRIPTOR_SET as PROFILE_DESCRIPTOR_SET, profile_service_client::ProfileServiceClient,
    },
    user::v1::{FILE_DESCRIPTOR_SET, user_service_server},
};
use tokio::net::TcpListener;
use tonic_resilience::{
    server::{Drained, ServeError, health::Health},
    tls::Tls,
};
use tonic_stack::{
    client::{Channel, ConnectError, NextHop},
    host::{Contract, HostError, ServiceHost},
};
use tonic_telemetry::Telemetry;

use service::Service;
use store::Store;
use user_service_server::UserServiceServer;

/// How this service calls the next.
pub(crate) type ProfileClient = ProfileServiceClient<Channel>;

const CONTRACT: Contract = Contract {
    name: "user",
    service: user_service_server::SERVICE_NAME,
    descriptor_set: FILE_DESCRIPTOR_SET,
    imports: proto::FILE_DESCRIPTOR_SET,
    names: &proto::NAMES,
};

/// The user service, open and not yet serving.
#[derive(Debug)]
pub struct User {
    store: Store,
    host: ServiceHost,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The users are out of reach.
    #[error("cannot open the users")]
    Database(#[from] DatabaseError),
    /// It cannot be hosted.
    #[error(transparent)]
    Host(#[from] HostError),
    /// There is no way to the next hop.
    #[error("cannot put the client of the profile service together")]
    Client(#[from] ConnectError),
}

impl User {
    /// Opens the database, and makes and fills its table at the first start.
    ///
    /// # Errors
    /// [`OpenError::Database`] when the database cannot be opened.
    pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let (certificates, limits) = (&config.certificates, &config.limits);
        let host = ServiceHost::open(CONTRACT, certificates, limits, config.faults, telemetry)?;
        let store = Store::open(&config.database_url, telemetry).await?;
        let profiles = next_hop(config, host.tls()).connect(telemetry)?;
        let service = Service::new(store.clone(), ProfileServiceClient::new(profiles));
        let service = UserServiceServer::new(service);
        let host = host.behind(&["gateway"], limits);
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

/// The way to the profile service.
fn next_hop<'a>(config: &'a Config, tls: Option<&'a Tls>) -> NextHop<'a> {
    NextHop {
        names: &proto::NAMES,
        name: "profile",
        descriptor_set: PROFILE_DESCRIPTOR_SET,
        target: &config.profile,
        tls,
        policy: config.profile_policy,
        max_calls: config.limits.max_calls,
        timeout: config.profile_timeout,
        idempotent: &[
            "tracewalk.profile.v1.ProfileService/GetProfile",
            "tracewalk.profile.v1.ProfileService/PutProfile",
        ],
    }
}
