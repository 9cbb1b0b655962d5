//! The gateway: the first hop of the chain, and the only one that callers outside see.
//!
//! Two doors, one stack: gRPC connections and the HTTP/JSON door in `src/http` both call
//! the tower stack that [`Gateway::open`] puts together, so a call meets the same layers whichever
//! door it came through.

mod auth;
mod config;
mod http;
mod idempotency_key;
mod invalid;
mod service;

pub use auth::{Auth, AuthError};
pub use config::Config;

use std::time::Duration;

use futures_util::FutureExt as _;
use proto::{
    gateway::v1::{FILE_DESCRIPTOR_SET, gateway_service_server},
    user::v1::{self as user, user_service_client::UserServiceClient},
};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::{
    server::{Drained, ServeError, Server, health::Health},
    tls::Tls,
};
use tonic_stack::{client::NextHop, server::Layers};
use tonic_telemetry::Telemetry;

use gateway_service_server::GatewayServiceServer;
use service::Service;

/// The full name of the service.
const NAME: &str = gateway_service_server::SERVICE_NAME;

/// The contracts of the services that are here.
const CONTRACTS: [&[u8]; 2] = [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];

/// The gateway, ready to serve.
#[derive(Debug)]
pub struct Gateway {
    health: Health,
    routes: Routes,
    layers: Layers,
    server: Server,
    grace: Duration,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot say who it is.
    #[error(transparent)]
    Tls(#[from] tonic_stack::tls::LoadError),
    /// It cannot know who calls.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot put the server together")]
    Server(#[from] tonic_stack::server::OpenError),
    /// There is no way to the next hop.
    #[error("cannot put the client of the user service together")]
    Client(#[from] tonic_stack::client::ConnectError),
    /// The contracts are not what the code generation wrote.
    #[error("cannot offer the contracts to callers")]
    Reflection(#[from] tonic_stack::reflection::Error),
}

impl Gateway {
    /// Puts the service together; it connects to the user service at the first call.
    ///
    /// # Errors
    /// [`OpenError`] when certificates or keys cannot be used, or the contracts in this binary are
    /// damaged.
    pub fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        let tls = config.certificates.load("gateway", telemetry)?;
        let tokens = config.auth.layer()?;
        let (health, health_service) = Health::new(&[NAME]);
        let users = UserServiceClient::new(next_hop(config, tls.as_ref()).connect(telemetry)?);
        let routes =
            Routes::new(GatewayServiceServer::new(Service::new(users))).add_service(health_service);
        let routes = tonic_stack::reflection::add_to(
            routes,
            &[
                proto::FILE_DESCRIPTOR_SET,
                tonic_health::pb::FILE_DESCRIPTOR_SET,
            ],
            // The contracts of the other hops are there only because contracts import each other.
            &[NAME, "grpc.health.v1.Health"],
        )?;
        Ok(Self {
            health,
            routes,
            layers: Layers::new(&CONTRACTS, &config.limits, telemetry)?
                // What they say of their trace may be true or not.
                .trust(config.trace_context)
                // The callers here are people: they can ask for the trace of what they saw.
                .announce_trace_id()
                // Reads are for everyone, writes are not.
                .authenticate(tokens)
                // And strangers: none of them may use up what is there for all.
                .limit_rate(config.rate_limit)
                .share(&config.limits, config.caller_share)
                .inject_faults(config.faults.layer("gateway")),
            server: config.limits.server(),
            grace: config.limits.grace,
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
        let stack = self.layers.around(self.routes);
        let shutdown = shutdown.shared();
        let http = http::serve(http, stack.clone(), shutdown.clone(), self.grace);
        let grpc = self.server.serve(grpc, stack, self.health, shutdown);
        let ((), grpc) = tokio::join!(http, grpc);
        grpc
    }
}

/// The way to the user service.
fn next_hop<'a>(config: &'a Config, tls: Option<&'a Tls>) -> NextHop<'a> {
    NextHop {
        name: "user",
        descriptor_set: user::FILE_DESCRIPTOR_SET,
        target: &config.user,
        tls,
        policy: config.user_policy,
        max_calls: config.limits.max_calls,
        timeout: config.user_timeout,
        // A creation is safe to repeat with an idempotency key alone, and its caller has the key.
        idempotent: &["tracewalk.user.v1.UserService/GetUser"],
    }
}
