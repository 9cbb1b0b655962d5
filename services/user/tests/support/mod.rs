//! A user service in this process, between real sockets and a profile service that the test rules.
//!
//! The name of the test decides which database it stands on: `sqlite` or `postgres`.

#![allow(dead_code, reason = "either test uses some of it")]

mod profiles;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use database::test_support::TestDatabase;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use proto::user::v1::user_service_client::UserServiceClient;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    task::JoinHandle,
};
use tonic::{Status, transport::Channel};
use tonic_resilience::client::balance::Policy;
use tonic_telemetry::{LogFormat, Telemetry};
use tonic_types::StatusExt as _;
use user::{Config, User};

pub(crate) use profiles::{ImportEnd, Mood, Profiles};

/// Longer than anything here takes.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(30);

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running service.
pub(crate) struct Running {
    pub(crate) channel: Channel,
    pub(crate) client: UserServiceClient<Channel>,
    pub(crate) profiles: Profiles,
    database: TestDatabase,
    spans: InMemorySpanExporter,
    telemetry: Telemetry,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    /// Where the profile service would listen.
    closed: Option<TcpSocket>,
}

/// Starts the service over an empty database and a profile service.
pub(crate) async fn start() -> Running {
    let (profiles, address) = Profiles::start().await;
    start_with(profiles, address).await
}

/// Starts the service while nobody answers at the address of the profile service.
pub(crate) async fn start_alone() -> Running {
    // Bound and not listened on: nobody else can take the port.
    let closed = TcpSocket::new_v4().expect("a socket");
    closed.bind(ANY_PORT).expect("a free port");
    let address = closed.local_addr().expect("the socket has an address");
    let mut running = start_with(Profiles::default(), address).await;
    running.closed = Some(closed);
    running
}

async fn start_with(profiles: Profiles, profile: SocketAddr) -> Running {
    let database = if env!("CARGO_CRATE_NAME") == "postgres" {
        TestDatabase::postgres().await
    } else {
        TestDatabase::sqlite()
    };
    let database = database.expect("a database for the test");
    let spans = InMemorySpanExporter::default();
    let telemetry = telemetry(spans.clone());
    let config = config(&database, profile);
    let service = User::open(&config, &telemetry)
        .await
        .expect("the service opens");
    let (listener, address) = listen().await;
    let (stop, serving) = serve(service, listener);
    let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
    let channel = channel.connect_lazy();
    let client = UserServiceClient::new(channel.clone());
    Running {
        channel,
        client,
        profiles,
        database,
        spans,
        telemetry,
        stop,
        serving,
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
        profile_timeout: MAX_WAIT,
        certificates: tonic_stack::tls::Certificates::default(),
        faults: tonic_stack::faults::Faults::default(),
        limits: tonic_stack::server::Limits {
            max_deadline: MAX_WAIT,
            max_stream: MAX_WAIT,
            max_calls: 1024,
            stream_share: 50,
            grace: MAX_WAIT,
        },
    }
}

fn telemetry(spans: InMemorySpanExporter) -> Telemetry {
    tonic_telemetry::Options::new("user")
        .span_exporter(spans)
        .log_format(LogFormat::Off)
        .global(false)
        .init()
        .expect("telemetry starts")
}

/// A listener at a free port.
async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("the listener has an address");
    (listener, address)
}

fn serve(service: User, listener: TcpListener) -> (oneshot::Sender<()>, JoinHandle<()>) {
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
    let violations = details
        .bad_request()
        .map(|request| request.field_violations.clone());
    let fields = violations
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.field);
    (info.reason.clone(), fields.collect())
}
