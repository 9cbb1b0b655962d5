//! A gateway in this process, between real sockets and a user service that the test watches.

// Each test file takes what it needs.
#![allow(
    dead_code,
    unused_imports,
    reason = "shared by test files that use different parts"
)]

mod users;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use gateway::{Auth, Config, Gateway};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use proto::gateway::v1::gateway_service_client::GatewayServiceClient;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    task::JoinHandle,
};
use tonic::transport::Channel;
use tonic_resilience::{client::balance::Policy, source::Source};
use tonic_telemetry::{LogFormat, Telemetry, propagation::Trust};

pub(crate) use users::{SILENT, Seen, ada};

/// Longer than anything here takes.
const MAX_WAIT: Duration = Duration::from_secs(30);

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running gateway.
pub(crate) struct Running {
    pub(crate) client: GatewayServiceClient<Channel>,
    pub(crate) channel: Channel,
    /// Of the HTTP/JSON listener.
    pub(crate) http: SocketAddr,
    /// The metadata of each call that reached the user service.
    pub(crate) seen: Seen,
    spans: InMemorySpanExporter,
    telemetry: Telemetry,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    /// Where the user service would listen.
    closed: Option<TcpSocket>,
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
    // Bound and not listened on: nobody else can take the port.
    let closed = TcpSocket::new_v4().expect("a socket");
    closed.bind(ANY_PORT).expect("a free port");
    let user = closed.local_addr().expect("the socket has an address");
    let mut running = start_over(&config(user), Seen::default()).await;
    running.closed = Some(closed);
    running
}

async fn start_over(config: &Config, seen: Seen) -> Running {
    let spans = InMemorySpanExporter::default();
    let telemetry = tonic_telemetry::Options::new("gateway")
        .span_exporter(spans.clone())
        .log_format(LogFormat::Off)
        .global(false)
        .init()
        .expect("telemetry starts");
    let gateway = Gateway::open(config, &telemetry).expect("the gateway opens");
    let (grpc, grpc_address) = listen().await;
    let (http, http_address) = listen().await;
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(async move {
        let stopped = async { stopped.await.expect("the test stops the gateway") };
        let served = gateway.serve(grpc, http, stopped).await;
        served.expect("the gateway serves");
    });
    let channel = Channel::from_shared(format!("http://{grpc_address}")).expect("an address");
    let channel = channel.connect_lazy();
    Running {
        client: GatewayServiceClient::new(channel.clone()),
        channel,
        http: http_address,
        seen,
        spans,
        telemetry,
        stop,
        serving,
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
        user_timeout: MAX_WAIT,
        rate_limit: 10_000,
        caller_share: 50,
        certificates: tonic_stack::tls::Certificates::default(),
        auth: Auth {
            auth: Source::Off,
            auth_issuer: String::new(),
            auth_audience: String::new(),
        },
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

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("the listener has an address");
    (listener, address)
}

impl Running {
    /// Stops the gateway and answers its spans.
    pub(crate) async fn finish(self) -> Vec<SpanData> {
        drop((self.client, self.channel));
        self.stop.send(()).expect("the gateway runs");
        self.serving.await.expect("the gateway stops");
        let flushed = self.telemetry.shutdown(MAX_WAIT).await;
        flushed.expect("no span is lost");
        let spans = self.spans.get_finished_spans();
        spans.expect("the spans are readable")
    }
}
