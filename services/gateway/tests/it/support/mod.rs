//! A gateway in this process, between real sockets and a user service that the test watches.

mod users;

use std::net::SocketAddr;

use gateway::{Auth, Config, Gateway};
use opentelemetry_sdk::trace::SpanData;
use proto::gateway::v1::gateway_service_client::GatewayServiceClient;
use test_support::{
    ClosedPort, DEADLINE,
    service::{ANY_PORT, Observed, Served, listen},
};
use tonic::transport::Channel;
use tonic_resilience::{client::balance::Policy, source::Source};
use tonic_telemetry::propagation::Trust;

pub(crate) use users::{SILENT, Seen, ada};

/// A running gateway.
pub(crate) struct Running {
    pub(crate) client: GatewayServiceClient<Channel>,
    served: Served,
    /// Of the HTTP/JSON listener.
    pub(crate) http: SocketAddr,
    /// The metadata of each call that reached the user service.
    pub(crate) seen: Seen,
    /// Where the user service would listen.
    closed: Option<ClosedPort>,
}

/// Starts a gateway over a fake user service.
pub(crate) async fn start() -> Running {
    start_with(|_| {}).await
}

/// Starts a gateway with other settings over a fake user service.
pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Running {
    let (user, seen) = users::start().await;
    let mut config = config(user);
    change(&mut config);
    start_over(&config, seen).await
}

/// Starts a gateway whose user service is not there.
pub(crate) async fn start_alone() -> Running {
    let closed = ClosedPort::new();
    let user = closed.address.parse().expect("it is an address");
    let mut running = start_over(&config(user), Seen::default()).await;
    running.closed = Some(closed);
    running
}

async fn start_over(config: &Config, seen: Seen) -> Running {
    let observed = Observed::new("gateway");
    let gateway = Gateway::open(config, observed.telemetry()).expect("the gateway opens");
    let (listener, http) = listen().await;
    let serve = |grpc, stopped| gateway.serve(grpc, listener, stopped);
    let served = observed.serve(serve).await;
    Running {
        client: GatewayServiceClient::new(served.channel.clone()),
        served,
        http,
        seen,
        closed: None,
    }
}

fn config(user: SocketAddr) -> Config {
    Config {
        listen: ANY_PORT,
        http_listen: ANY_PORT,
        admin_listen: ANY_PORT,
        user: format!("static:///{user}").parse().expect("a target"),
        trace_context: Trust::Continue,
        user_policy: Policy::default(),
        user_timeout: DEADLINE,
        rate_limit: 10_000,
        caller_share: 50,
        auth: Auth {
            auth: Source::Off,
            auth_issuer: String::new(),
            auth_audience: String::new(),
        },
        registry: etcd_registry::RegistryConfig::default(),
        host: tonic_stack::host::HostConfig {
            certificates: tonic_stack::tls::Certificates::default(),
            faults: tonic_stack::faults::Faults::default(),
            captured: tonic_stack::captured::Captured::default(),
            limits: tonic_stack::server::Limits {
                max_deadline: DEADLINE,
                max_stream: DEADLINE,
                grace: DEADLINE,
                ..Default::default()
            },
        },
    }
}

impl Running {
    /// Stops the gateway and answers its spans.
    pub(crate) async fn finish(self) -> Vec<SpanData> {
        drop(self.client);
        self.served.finish().await
    }
}
