//! The user service: the middle hop of the chain.

mod config;
mod directory;
mod error;
mod service;

pub use config::Config;

use database::OpenError as DatabaseError;
use proto::{
    profile::v1::{
        FILE_DESCRIPTOR_SET as PROFILE_DESCRIPTOR_SET, profile_service_client::ProfileServiceClient,
    },
    user::v1::{FILE_DESCRIPTOR_SET, user_service_server},
};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::{
    server::{Drained, ServeError, Server, health::Health},
    tls::Tls,
};
use tonic_stack::{client::NextHop, server::Layers};
use tonic_telemetry::Telemetry;

use directory::Directory;
use service::Service;
use user_service_server::UserServiceServer;

/// How this service calls the next.
pub(crate) type ProfileClient = ProfileServiceClient<tonic_stack::client::Channel>;

/// The full name of the service.
const NAME: &str = user_service_server::SERVICE_NAME;

/// The contracts of the services that are here.
const CONTRACTS: [&[u8]; 2] = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];

/// The user service, open and not yet serving.
#[derive(Debug)]
pub struct User {
    directory: Directory,
    health: Health,
    routes: Routes,
    layers: Layers,
    server: Server,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The users are out of reach.
    #[error("cannot open the users")]
    Database(#[from] DatabaseError),
    /// It cannot say who it is.
    #[error(transparent)]
    Tls(#[from] tonic_stack::tls::LoadError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot put the server together")]
    Server(#[from] tonic_stack::server::OpenError),
    /// There is no way to the next hop.
    #[error("cannot put the client of the profile service together")]
    Client(#[from] tonic_stack::client::ConnectError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] tonic_stack::reflection::Error),
}

impl User {
    /// Opens the database, and makes and fills its table at the first start.
    ///
    /// # Errors
    /// [`OpenError::Database`] when the database cannot be opened.
    pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let tls = config.certificates.load("user", telemetry)?;
        let directory = Directory::open(&config.database_url, telemetry).await?;
        let profiles =
            ProfileServiceClient::new(next_hop(config, tls.as_ref()).connect(telemetry)?);
        let (health, health_service) = Health::new(&[NAME]);
        let service = Service::new(directory.clone(), profiles);
        let routes = Routes::new(UserServiceServer::new(service)).add_service(health_service);
        let routes = tonic_stack::reflection::add_to(
            routes,
            &[
                proto::FILE_DESCRIPTOR_SET,
                tonic_health::pb::FILE_DESCRIPTOR_SET,
            ],
            // The contracts of the other hops are there only because contracts import each other.
            &[NAME, "grpc.health.v1.Health"],
        )?;
        let mut layers = Layers::new(&CONTRACTS, &config.limits, telemetry)?
            .inject_faults(config.faults.layer("user"));
        let mut server = config.limits.inner_server();
        if let Some(tls) = tls {
            layers = layers.allow_peers(NAME, &["gateway"]);
            server = server.tls(tls);
        }
        Ok(Self {
            directory,
            health,
            routes,
            layers,
            server,
        })
    }

    /// Whether the service wants calls.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
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
        self.health.set_serving(true);
        let Self {
            directory,
            health,
            routes,
            layers,
            server,
        } = self;
        let stack = layers.around(routes);
        tokio::select! {
            served = server.serve(listener, stack, health.clone(), shutdown) => served,
            () = directory.watch(|up| health.follow(up, "the database is down")) => unreachable!("a watch never ends"),
        }
    }
}

/// The way to the profile service.
fn next_hop<'a>(config: &'a Config, tls: Option<&'a Tls>) -> NextHop<'a> {
    NextHop {
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
