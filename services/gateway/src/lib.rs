//! The gateway: the first hop of the chain, and the only one that callers outside see.
//!
//! Two listeners, one stack: gRPC connections and HTTP/JSON in `src/http` both call the tower stack
//! that [`Gateway::open`] makes, so a call meets the same layers whichever way it came.

mod auth;
mod config;
mod http;
mod idempotency_key;
mod invalid;
mod service;

pub use auth::{Auth, AuthError};
pub use config::Config;

use std::time::Duration;

use ::http::HeaderName;
use futures_util::FutureExt as _;
use grpc_wire::UnknownMethod;
use proto::{
    gateway::v1::{FILE_DESCRIPTOR_SET, gateway_service_server},
    user::v1::{self as user, user_service_client::UserServiceClient},
};
use tokio::net::TcpListener;
use tonic_resilience::server::{Drained, ServeError, health::Health};
use tonic_stack::{
    client::{ConnectError, NextHop},
    host::{Contract, HostError, ServiceHost},
};
use tonic_telemetry::Telemetry;

use gateway_service_server::GatewayServiceServer;
use service::Service;

/// The request header of a caller who wants to look at the trace later: its value is on the SERVER
/// span, and the embedded trace store keeps the trace longer than others.
///
/// Source: [`jaeger-debug-id`](https://github.com/jaegertracing/jaeger-client-go#debug-traces-forced-sampling),
/// without its forced sampling.
pub const DEBUG_ID: &str = "jaeger-debug-id";

const CONTRACT: Contract = Contract {
    name: "gateway",
    service: gateway_service_server::SERVICE_NAME,
    descriptor_set: FILE_DESCRIPTOR_SET,
    imports: proto::FILE_DESCRIPTOR_SET,
    names: &proto::NAMES,
};

/// The gateway, open and not yet serving.
#[derive(Debug)]
pub struct Gateway {
    host: ServiceHost,
    grace: Duration,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be hosted.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The keys for tokens cannot be used.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// A method that needs a token is not in the contract.
    #[error("cannot protect the writes")]
    Write(#[from] UnknownMethod),
    /// The user service cannot be looked up.
    #[error(transparent)]
    Registry(#[from] etcd_registry::OpenError),
    /// The client of the user service cannot be made.
    #[error("cannot put the client of the user service together")]
    Client(#[from] ConnectError),
}

impl Gateway {
    /// Makes the service; it connects to the user service at the first call.
    ///
    /// # Errors
    /// [`OpenError`] when certificates or keys cannot be used, or the contracts in this binary are
    /// damaged.
    pub fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, OpenError> {
        // A handler that needs a current span makes its own, by `#[instrument]`.
        let host = ServiceHost::open(CONTRACT, &config.host, telemetry)?.without_current_span();
        let tokens = config.auth.layer()?;
        let servers = config.registry.open(telemetry).servers(&config.user)?;
        let users = NextHop {
            policy: config.user_policy,
            timeout: config.user_timeout,
            idempotent: &["tracewalk.user.v1.UserService/GetUser"],
            idempotent_with_key: &["tracewalk.user.v1.UserService/CreateUser"],
            ..host.next_hop("user", user::FILE_DESCRIPTOR_SET, servers)
        };
        let service = Service::new(UserServiceClient::new(users.connect(telemetry)?));
        let service = GatewayServiceServer::new(service);
        let host = host.handlers(|routes| routes.add_service(service));
        let host = host.layers(|layers| {
            let layers = layers
                // The trace context of these callers may be false.
                .trust(config.trace_context)
                // The callers are people: with the trace id they can ask about their call.
                .announce_trace_id()
                .capture_metadata(HeaderName::from_static(DEBUG_ID))
                // Reads are for everyone, writes are not.
                .authenticate(tokens)?
                // The callers are strangers: none of them may use up the server.
                .limit_rate(config.rate_limit)
                .share(&config.host.limits, config.caller_share);
            Ok(layers)
        })?;
        let grace = config.host.limits.grace;
        Ok(Self { host, grace })
    }

    /// Whether the service takes calls.
    #[must_use]
    pub fn health(&self) -> &Health {
        self.host.health()
    }

    /// Serves both listeners until `shutdown` resolves, then lets the calls in flight end.
    ///
    /// # Errors
    /// [`ServeError`] when a listener is broken.
    pub async fn serve(
        self,
        grpc: TcpListener,
        http: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Drained, ServeError> {
        let shutdown = shutdown.shared();
        let http = http::serve(http, self.host.stack(), shutdown.clone(), self.grace);
        let grpc = self.host.serve(grpc, shutdown);
        let (grpc, ()) = tokio::join!(grpc, http);
        grpc
    }
}
