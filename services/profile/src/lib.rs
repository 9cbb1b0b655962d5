//! The profile service: the last hop of the chain.

mod config;
mod directory;
mod error;
mod service;

pub use config::Config;

use database::OpenError as DatabaseError;
use proto::profile::v1::{FILE_DESCRIPTOR_SET, profile_service_server};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::server::{Drained, ServeError, Server, health::Health};
use tonic_stack::server::Layers;
use tonic_telemetry::Telemetry;

use directory::Directory;
use profile_service_server::ProfileServiceServer;
use service::Service;

/// The full name of the service.
const NAME: &str = profile_service_server::SERVICE_NAME;

/// The contracts of the services that are here.
const CONTRACTS: [&[u8]; 2] = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];

/// The profile service, open and not yet serving.
#[derive(Debug)]
pub struct Profile {
    directory: Directory,
    health: Health,
    routes: Routes,
    layers: Layers,
    server: Server,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The profiles are out of reach.
    #[error("cannot open the profiles")]
    Database(#[from] DatabaseError),
    /// It cannot say who it is.
    #[error(transparent)]
    Tls(#[from] tonic_stack::tls::LoadError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot put the server together")]
    Server(#[from] tonic_stack::server::OpenError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] tonic_stack::reflection::Error),
}

impl Profile {
    /// Opens the database, and makes and fills its table at the first start.
    ///
    /// # Errors
    /// [`OpenError::Database`] when the database cannot be opened.
    pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let tls = config.certificates.load("profile", telemetry)?;
        let directory = Directory::open(&config.database_url, telemetry).await?;
        let (health, health_service) = Health::new(&[NAME]);
        let routes = Routes::new(ProfileServiceServer::new(Service::new(directory.clone())))
            .add_service(health_service);
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
            .inject_faults(config.faults.layer("profile"));
        let mut server = config.limits.inner_server();
        if let Some(tls) = tls {
            layers = layers.allow_peers(NAME, &["user"]);
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
