//! A user service in this process, between real sockets and a profile service that the test rules.
//!
//! The name of the test decides which database it stands on: `sqlite` or `postgres`.

#![allow(dead_code, reason = "either test uses some of it")]

mod profiles;

use std::net::SocketAddr;

use database::test_support::TestDatabase;
use opentelemetry_sdk::trace::SpanData;
use proto::user::v1::user_service_client::UserServiceClient;
use test_support::{
    ClosedPort, DEADLINE,
    service::{ANY_PORT, Observed, Served},
};
use tonic::transport::Channel;
use tonic_resilience::client::balance::Policy;
use user::Config;

pub(crate) use profiles::{ImportEnd, Mood, Profiles};

/// A running service.
pub(crate) struct Running {
    pub(crate) served: Served,
    pub(crate) client: UserServiceClient<Channel>,
    pub(crate) profiles: Profiles,
    database: TestDatabase,
    /// Where the profile service would listen.
    closed: Option<ClosedPort>,
}

/// Starts the service over an empty database and a profile service.
pub(crate) async fn start() -> Running {
    let (profiles, address) = Profiles::start().await;
    start_with(profiles, address).await
}

/// Starts the service while nobody answers at the address of the profile service.
pub(crate) async fn start_alone() -> Running {
    let closed = ClosedPort::new();
    let address = closed.address.parse().expect("it is an address");
    let mut running = start_with(Profiles::default(), address).await;
    running.closed = Some(closed);
    running
}

async fn start_with(profiles: Profiles, profile: SocketAddr) -> Running {
    let database = TestDatabase::of(env!("CARGO_CRATE_NAME")).await;
    let database = database.expect("a database for the test");
    let observed = Observed::new("user");
    let config = config(&database, profile);
    let service = user::open(&config, observed.telemetry())
        .await
        .expect("the service opens");
    let served = observed
        .serve(|listener, stopped| service.serve(listener, stopped))
        .await;
    let client = UserServiceClient::new(served.channel.clone());
    Running {
        served,
        client,
        profiles,
        database,
        closed: None,
    }
}

fn config(database: &TestDatabase, profile: SocketAddr) -> Config {
    Config {
        listen: ANY_PORT,
        admin_listen: ANY_PORT,
        database_url: database.url().clone(),
        profile: format!("static:///{profile}")
            .parse()
            .expect("an address makes a target"),
        profile_policy: Policy::default(),
        profile_timeout: DEADLINE,
        registry: etcd_registry::RegistryConfig::default(),
        events: outbox::Transport::Grpc,
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
    /// Stops the service and answers its spans.
    pub(crate) async fn finish(self) -> Vec<SpanData> {
        drop(self.client);
        self.served.finish().await
    }
}
