//! A gRPC service in the process of the test, asked through a real socket.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
};

use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::{Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_telemetry::{LogFormat, Telemetry};
use tonic_types::StatusExt as _;

use crate::DEADLINE;

/// For a listener on a free port of this machine.
pub const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Telemetry of a service, whose spans are kept.
#[derive(Debug)]
pub struct Observed {
    spans: InMemorySpanExporter,
    telemetry: Telemetry,
}

impl Observed {
    /// Telemetry of a service of this name. It logs nothing, and is not set for the whole process.
    pub fn new(service: &'static str) -> Self {
        let spans = InMemorySpanExporter::default();
        let telemetry = tonic_telemetry::Options::new(service)
            .span_exporter(spans.clone())
            .log_format(LogFormat::Off)
            .start()
            .expect("telemetry starts");
        Self { spans, telemetry }
    }

    /// The telemetry to open the service with.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Runs a service on a free port: `serve` gets the listener, and when to stop.
    pub async fn serve<F, T, E>(self, serve: impl FnOnce(TcpListener, Stopped) -> F) -> Served
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        E: std::fmt::Debug,
    {
        let (listener, address) = listen().await;
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.expect("the test stops the service") };
        let serving = serve(listener, Box::pin(stopped));
        let serving = tokio::spawn(async move {
            serving.await.expect("the service serves");
        });
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
        Served {
            channel: channel.connect_lazy(),
            observed: self,
            stop,
            serving,
        }
    }
}

/// Resolves when the test stops the service.
pub type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A service that runs.
#[derive(Debug)]
pub struct Served {
    /// A channel to the service.
    pub channel: Channel,
    observed: Observed,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    /// Stops the service, and returns its spans. Drop clones of its channel first: they keep it
    /// running.
    pub async fn finish(self) -> Vec<SpanData> {
        drop(self.channel);
        self.stop.send(()).expect("the service runs");
        self.serving.await.expect("the service stops");
        let Observed { spans, telemetry } = self.observed;
        let flushed = telemetry.shutdown(DEADLINE).await;
        flushed.expect("no span is lost");
        spans.get_finished_spans().expect("the spans are readable")
    }
}

/// Asserts what holds for each service: it is healthy, and reflection lists what it serves.
pub async fn assert_hosted(channel: &Channel, name: &str) {
    for service in ["", name] {
        let service = service.to_owned();
        let answer = HealthClient::new(channel.clone())
            .check(HealthCheckRequest { service })
            .await
            .expect("the service answers");
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    }
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = ServerReflectionClient::new(channel.clone())
        .server_reflection_info(tokio_stream::once(request))
        .await
        .expect("the service answers");
    let answer = answers.into_inner().message().await.expect("an answer");
    let list = answer.and_then(|answer| answer.message_response);
    let Some(MessageResponse::ListServicesResponse(list)) = list else {
        panic!("expected a list, got {list:?}");
    };
    let names: Vec<_> = list.service.into_iter().map(|it| it.name).collect();
    assert_eq!(names, [name, "grpc.health.v1.Health"]);
}

/// A listener on a free port, and its address.
pub async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(ANY_PORT).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("the listener has an address");
    (listener, address)
}

/// The `ErrorInfo` reason of a refusal, and the fields that it names.
pub fn reason(status: &Status) -> (String, Vec<String>) {
    let details = status.get_error_details();
    let info = details.error_info().expect("each error carries ErrorInfo");
    assert_eq!(info.domain, "tracewalk");
    let violations = details.bad_request().map(|it| it.field_violations.clone());
    let violations = violations.unwrap_or_default().into_iter();
    let fields = violations.map(|violation| violation.field);
    (info.reason.clone(), fields.collect())
}
