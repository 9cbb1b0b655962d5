//! A profile service in this process, asked through a real socket.
//!
//! The name of the test decides which database it stands on: `sqlite` or `postgres`.

#![allow(dead_code, reason = "either test uses some of it")]

use database::{DatabaseUrl, test_support::TestDatabase};
use opentelemetry_sdk::trace::SpanData;
use profile::Config;
use proto::profile::v1::profile_service_client::ProfileServiceClient;
use test_support::{
    DEADLINE,
    service::{ANY_PORT, Observed, Served},
};
use tokio::sync::watch;
use tonic::transport::Channel;

/// A running service.
pub(crate) struct Running {
    pub(crate) served: Served,
    pub(crate) client: ProfileServiceClient<Channel>,
    pub(crate) database: TestDatabase,
    /// Whether the service says that it serves.
    pub(crate) ready: watch::Receiver<bool>,
}

/// Starts the service over an empty database.
pub(crate) async fn start() -> Running {
    let database = TestDatabase::of(env!("CARGO_CRATE_NAME")).await;
    let database = database.expect("a database for the test");
    start_over(database.url().clone(), database).await
}

/// Starts the service over a URL; `database` is kept meanwhile.
pub(crate) async fn start_over(url: DatabaseUrl, database: TestDatabase) -> Running {
    let observed = Observed::new("profile");
    let config = Config {
        listen: ANY_PORT,
        admin_listen: ANY_PORT,
        database_url: url,
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
    };
    let service = profile::open(&config, observed.telemetry())
        .await
        .expect("the service opens");
    let ready = service.health().ready();
    let served = observed
        .serve(|listener, stopped| service.serve(listener, stopped))
        .await;
    let client = ProfileServiceClient::new(served.channel.clone());
    Running {
        served,
        client,
        database,
        ready,
    }
}

impl Running {
    /// Stops the service and answers its spans.
    pub(crate) async fn finish(self) -> Vec<SpanData> {
        drop(self.client);
        self.served.finish().await
    }
}
