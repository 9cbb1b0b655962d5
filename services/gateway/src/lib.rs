//! The gateway: the first hop of the chain, and the only one that callers outside see.
//!
//! Two doors, one stack: gRPC connections and the HTTP/JSON door in `src/http` both call
//! the tower stack that [`Gateway::open`] puts together, so a call meets the same layers whichever
//! door it came through.

mod config;
mod http;
mod invalid;
mod service;

pub use config::Config;

use std::{io, time::Duration};

use futures_util::FutureExt as _;
use proto::{
    gateway::v1::{FILE_DESCRIPTOR_SET, gateway_service_server},
    user::v1 as user,
};
use telemetry::{Methods, Peer, Telemetry, TraceServerLayer, rpc::DescriptorError};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_reflection::server::{Builder as Reflection, Error as ReflectionError};
use tower::ServiceBuilder;
use transport::{
    client,
    health::Health,
    server::{Drained, ServeError as GrpcError, Server},
    stack::Stack,
};

use gateway_service_server::GatewayServiceServer;
use service::Service;

/// The full name of the service.
const NAME: &str = gateway_service_server::SERVICE_NAME;

/// The gateway, ready to serve.
#[derive(Debug)]
pub struct Gateway {
    health: Health,
    routes: Routes,
    trace: TraceServerLayer,
    server: Server,
    grace: Duration,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The contracts are not what the code generation wrote.
    #[error("cannot read the methods of the contracts")]
    Methods(#[from] DescriptorError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] ReflectionError),
}

/// Why the gateway stopped serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The gRPC listener is broken.
    #[error("cannot serve gRPC")]
    Grpc(#[from] GrpcError),
    /// The HTTP listener is broken.
    #[error("cannot serve HTTP")]
    Http(#[source] io::Error),
}

impl Gateway {
    /// Puts the service together; it connects to the user service at the first call.
    ///
    /// # Errors
    /// [`OpenError`] when the contracts in this binary are damaged.
    pub fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let (health, health_service) = Health::new(&[NAME]);
        let users = users(config, telemetry)?;
        let routes = Routes::new(GatewayServiceServer::new(Service::new(users)))
            .add_service(health_service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        Ok(Self {
            health,
            routes,
            trace: telemetry
                .server_layer(&methods()?)
                .trust(config.trace_context)
                // The callers here are people: they can ask for the trace of what they saw.
                .announce_trace_id(),
            server: Server::default().grace(config.grace),
            grace: config.grace,
        })
    }

    /// Whether the service wants calls.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Serves both doors until `shutdown` resolves, then lets the calls in flight end.
    ///
    /// # Errors
    /// [`ServeError`] when a listener is broken.
    pub async fn serve(
        self,
        grpc: TcpListener,
        http: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Drained, ServeError> {
        self.health.set_serving(true);
        let stack = self.stack();
        let shutdown = shutdown.shared();
        let http = http::serve(http, stack.clone(), shutdown.clone(), self.grace);
        let grpc = self.server.serve(grpc, stack, self.health, shutdown);
        let (http, grpc) = tokio::join!(http, grpc);
        http.map_err(ServeError::Http)?;
        Ok(grpc?)
    }

    /// What each call goes through, from the outside in.
    fn stack(&self) -> impl Stack + Sync + use<> {
        ServiceBuilder::new()
            // Outermost, so that what an inner layer refuses is traced and measured too.
            .layer(self.trace.clone())
            .service(self.routes.clone())
    }
}

/// The methods that exist here. Probes are measured and not traced: they would bury the rest.
fn methods() -> Result<Methods, DescriptorError> {
    let sets = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];
    Ok(Methods::from_descriptor_sets(&sets)?.without_spans("grpc.health.v1.Health"))
}

/// What each call to the user service goes through, from the outside in.
fn users(config: &Config, telemetry: &Telemetry) -> Result<service::Users, DescriptorError> {
    let methods = Methods::from_descriptor_sets(&[user::FILE_DESCRIPTOR_SET])?;
    let server = &config.user.authorities()[0];
    let peer = Peer {
        name: "user".to_owned(),
        address: server.host().to_owned(),
        port: Some(server.port()),
    };
    let stack = ServiceBuilder::new()
        // Outermost, so that one span stands for the call as the handler sees it.
        .layer(telemetry.client_layer(&methods, peer))
        .service(client::channel(&config.user));
    Ok(service::Users::new(stack))
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
