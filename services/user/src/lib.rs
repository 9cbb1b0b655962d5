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
use telemetry::{
    Methods, Peer, Telemetry, TraceServerLayer, rpc::DescriptorError, trace_client::TraceClient,
};
use tokio::net::TcpListener;
use tonic::{service::Routes, transport::Channel};
use tonic_reflection::server::{Builder as Reflection, Error as ReflectionError};
use tower::ServiceBuilder;
use transport::{
    client,
    health::Health,
    server::{Drained, ServeError, Server},
    stack::Stack,
    target::Target,
};

use directory::Directory;
use service::Service;
use user_service_server::UserServiceServer;

/// How this service calls the next.
pub(crate) type ProfileClient = ProfileServiceClient<TraceClient<Channel>>;

/// The full name of the service.
const NAME: &str = user_service_server::SERVICE_NAME;

/// The user service, open and not yet serving.
#[derive(Debug)]
pub struct User {
    directory: Directory,
    health: Health,
    routes: Routes,
    trace: TraceServerLayer,
    server: Server,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The users are out of reach.
    #[error("cannot open the users")]
    Database(#[from] DatabaseError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot read the methods of the contracts")]
    Methods(#[from] DescriptorError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] ReflectionError),
}

impl User {
    /// Opens the database, and makes and fills its table at the first start.
    ///
    /// # Errors
    /// [`OpenError::Database`] when the database cannot be opened.
    pub async fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let directory = Directory::open(&config.database_url, telemetry).await?;
        let profiles = profile_client(&config.profile, telemetry)?;
        let (health, health_service) = Health::new(&[NAME]);
        let service = Service::new(directory.clone(), profiles);
        let routes = Routes::new(UserServiceServer::new(service))
            .add_service(health_service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        Ok(Self {
            directory,
            health,
            routes,
            trace: telemetry.server_layer(&methods()?),
            server: Server::default().grace(config.grace),
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
        let stack = self.stack();
        let Self {
            directory,
            health,
            server,
            ..
        } = self;
        tokio::select! {
            served = server.serve(listener, stack, health.clone(), shutdown) => served,
            () = directory.watch(|up| health.set_serving(up)) => unreachable!("a watch never ends"),
        }
    }

    /// What each call goes through, from the outside in.
    fn stack(&self) -> impl Stack + use<> {
        ServiceBuilder::new()
            // Outermost, so that what an inner layer refuses is traced and measured too.
            .layer(self.trace.clone())
            .service(self.routes.clone())
    }
}

/// The way to the profile service, from the caller outwards.
fn profile_client(target: &Target, telemetry: &Telemetry) -> Result<ProfileClient, OpenError> {
    let methods = Methods::from_descriptor_sets(&[PROFILE_DESCRIPTOR_SET])?;
    let stack = ServiceBuilder::new()
        // Outermost, so that one span and one sample stand for the call with all it went through.
        .layer(telemetry.client_layer(&methods, peer("profile", target)))
        .service(client::channel(target));
    Ok(ProfileServiceClient::new(stack))
}

/// What spans and samples say of whom we call.
fn peer(name: &str, target: &Target) -> Peer {
    let (address, port) = match target.authorities() {
        [only] => (only.host().to_owned(), Some(only.port())),
        _ => (target.to_string(), None),
    };
    Peer {
        name: name.to_owned(),
        address,
        port,
    }
}

/// The methods that exist here. Probes are measured and not traced: they would bury the rest.
fn methods() -> Result<Methods, DescriptorError> {
    let sets = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];
    Ok(Methods::from_descriptor_sets(&sets)?.without_spans("grpc.health.v1.Health"))
}

/// What tools such as grpcurl learn about this service.
fn reflection() -> Reflection<'static> {
    Reflection::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // The contracts of the other hops are there only because contracts import each other.
        .with_service_name(NAME)
        .with_service_name("grpc.health.v1.Health")
}
