//! A profile service in this process, asked through a real socket.
//!
//! The name of the test decides which database it stands on: `sqlite` or `postgres`.

#![allow(dead_code, reason = "either test uses some of it")]

use std::{net::SocketAddr, time::Duration};

use database::{DatabaseUrl, test_support::TestDatabase};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use profile::{Config, Profile};
use proto::profile::v1::profile_service_client::ProfileServiceClient;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tonic::{Status, transport::Channel};
use tonic_telemetry::{LogFormat, Telemetry};
use tonic_types::StatusExt as _;

/// Longer than anything here takes.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(30);

const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A running service.
pub(crate) struct Running {
    pub(crate) channel: Channel,
    pub(crate) client: ProfileServiceClient<Channel>,
    pub(crate) database: TestDatabase,
    /// Whether the service says that it serves.
    pub(crate) ready: watch::Receiver<bool>,
    spans: InMemorySpanExporter,
    telemetry: Telemetry,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// Starts the service over an empty database.
pub(crate) async fn start() -> Running {
    let database = if env!("CARGO_CRATE_NAME") == "postgres" {
        TestDatabase::postgres().await
    } else {
        TestDatabase::sqlite()
    };
    let database = database.expect("a database for the test");
    start_over(database.url().clone(), database).await
}

/// Starts the service over a URL; `database` is kept meanwhile.
pub(crate) async fn start_over(url: DatabaseUrl, database: TestDatabase) -> Running {
    let spans = InMemorySpanExporter::default();
    let telemetry = telemetry(spans.clone());
    let config = Config {
        listen: ANY_PORT,
        admin_listen: ANY_PORT,
        database_url: url,
        certificates: tonic_stack::tls::Certificates::default(),
        faults: tonic_stack::faults::Faults::default(),
        limits: tonic_stack::server::Limits {
            max_deadline: MAX_WAIT,
            max_stream: MAX_WAIT,
            max_calls: 1024,
            stream_share: 50,
            grace: MAX_WAIT,
        },
    };
    let service = Profile::open(&config, &telemetry)
        .await
        .expect("the service opens");
    let listener = TcpListener::bind(config.listen).await.expect("a free port");
    let address = listener.local_addr().expect("the listener has an address");
    let ready = service.health().ready();
    let (stop, serving) = serve(service, listener);
    let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
    let channel = channel.connect_lazy();
    let client = ProfileServiceClient::new(channel.clone());
    Running {
        channel,
        client,
        database,
        ready,
        spans,
        telemetry,
        stop,
        serving,
    }
}

fn telemetry(spans: InMemorySpanExporter) -> Telemetry {
    tonic_telemetry::Options::new("profile")
        .span_exporter(spans)
        .log_format(LogFormat::Off)
        .global(false)
        .init()
        .expect("telemetry starts")
}

fn serve(service: Profile, listener: TcpListener) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(async move {
        let stopped = async { stopped.await.expect("the test stops the service") };
        service
            .serve(listener, stopped)
            .await
            .expect("the service serves");
    });
    (stop, serving)
}

impl Running {
    /// Stops the service and answers its spans.
    pub(crate) async fn finish(self) -> Vec<SpanData> {
        drop((self.channel, self.client));
        self.stop.send(()).expect("the service runs");
        self.serving.await.expect("the service stops");
        self.telemetry
            .shutdown(MAX_WAIT)
            .await
            .expect("no span is lost");
        self.spans
            .get_finished_spans()
            .expect("the spans are readable")
    }
}

/// The reason of a refusal, and the fields that it names.
pub(crate) fn reason(status: &Status) -> (String, Vec<String>) {
    let details = status.get_error_details();
    let info = details.error_info().expect("each error carries ErrorInfo");
    assert_eq!(info.domain, "tracewalk");
    assert!(
        details.request_info().is_some(),
        "each error carries the trace id"
    );
    let violations = details
        .bad_request()
        .map(|request| request.field_violations.clone());
    let fields = violations
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.field);
    (info.reason.clone(), fields.collect())
}
