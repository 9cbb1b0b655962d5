//! An OTLP collector inside the test, on a thread of its own, that misbehaves on demand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, async_trait};
use tonic_telemetry::Telemetry;

use super::steps::options;

/// What the collector does with a request.
#[derive(Clone, Debug, Default)]
pub(crate) enum Behaviour {
    #[default]
    Accept,
    /// Takes all but this many items.
    Reject(i64),
    /// Answers after a while.
    Slow(Duration),
    /// Never answers.
    Hang,
    /// Answers with this status, so many times; then accepts.
    Fail(Status, usize),
}

/// What the collector has seen.
#[derive(Debug, Default)]
struct Seen {
    behaviour: Behaviour,
    requests: usize,
    span_ids: Vec<Vec<u8>>,
    /// With the names of their scopes.
    records: Vec<(String, LogRecord)>,
}

/// A collector that can be killed and started again at the same address.
pub(crate) struct Collector {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    running: Option<Running>,
    /// Keeps the port until it is listened on.
    closed: Option<TcpSocket>,
}

/// The thread of a collector, and the way to stop it.
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Collector {
    /// Has an address, where nobody listens yet.
    pub(crate) fn absent() -> Self {
        let closed = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        closed.bind(any).expect("a free port");
        Self {
            address: closed.local_addr().expect("the socket is bound"),
            closed: Some(closed),
            seen: Arc::default(),
            running: None,
        }
    }

    pub(crate) fn running() -> Self {
        let mut collector = Self::absent();
        collector.start();
        collector
    }

    pub(crate) fn start(&mut self) {
        self.closed = None;
        let listener = std::net::TcpListener::bind(self.address).expect("the port is free");
        let service = Service(Arc::clone(&self.seen));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || serve(listener, service, stopped));
        self.running = Some(Running { stop, thread });
    }

    /// Ends it as a `SIGKILL` would: every connection breaks.
    pub(crate) fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.stop);
            running.thread.join().expect("the collector does not panic");
        }
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn requests(&self) -> usize {
        self.lock().requests
    }

    /// How many different spans have arrived.
    pub(crate) fn spans(&self) -> usize {
        let mut ids = self.lock().span_ids.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// The log records that have arrived.
    pub(crate) fn records(&self) -> Vec<(String, LogRecord)> {
        self.lock().records.clone()
    }

    /// Telemetry that exports to this collector, with these further variables.
    pub(crate) fn telemetry(&self, variables: &[(&'static str, &'static str)]) -> Telemetry {
        options(self.address, variables)
            .init()
            .expect("the variables are understood")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("no test panics while it looks")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.kill();
    }
}

fn serve(listener: std::net::TcpListener, service: Service, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        listener.set_nonblocking(true).expect("a socket");
        let listener = TcpListener::from_std(listener).expect("a socket");
        let server = Server::builder()
            .add_service(
                TraceServiceServer::new(service.clone())
                    .accept_compressed(CompressionEncoding::Gzip),
            )
            .add_service(LogsServiceServer::new(service));
        tokio::select! {
            ended = server.serve_with_incoming(TcpIncoming::from(listener)) => {
                ended.expect("the listener works");
            }
            // Dropped on purpose: the runtime goes, and every connection with it.
            _ = stopped => {}
        }
    });
}

#[derive(Clone)]
struct Service(Arc<Mutex<Seen>>);

#[async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let rejected_spans = self.answer().await?;
        let error_message = "too old".to_owned();
        let partial = ExportTracePartialSuccess {
            rejected_spans,
            error_message,
        };
        let partial_success = (rejected_spans > 0).then_some(partial);
        let scopes = request
            .into_inner()
            .resource_spans
            .into_iter()
            .flat_map(|it| it.scope_spans);
        let ids = scopes
            .flat_map(|scope| scope.spans)
            .map(|span| span.span_id);
        self.0
            .lock()
            .expect("no test panics while it looks")
            .span_ids
            .extend(ids);
        Ok(Response::new(ExportTraceServiceResponse {
            partial_success,
        }))
    }
}

#[async_trait]
impl LogsService for Service {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let rejected_log_records = self.answer().await?;
        let partial = ExportLogsPartialSuccess {
            rejected_log_records,
            error_message: "too old".to_owned(),
        };
        let partial_success = (rejected_log_records > 0).then_some(partial);
        let scopes = request
            .into_inner()
            .resource_logs
            .into_iter()
            .flat_map(|it| it.scope_logs);
        let records = scopes.flat_map(|scope| {
            let name = scope.scope.unwrap_or_default().name;
            scope
                .log_records
                .into_iter()
                .map(move |record| (name.clone(), record))
        });
        self.0
            .lock()
            .expect("no test panics while it looks")
            .records
            .extend(records);
        Ok(Response::new(ExportLogsServiceResponse { partial_success }))
    }
}

impl Service {
    /// How many items of the next request are rejected.
    async fn answer(&self) -> Result<i64, Status> {
        match self.next() {
            Behaviour::Accept => {}
            Behaviour::Reject(items) => return Ok(items),
            Behaviour::Slow(delay) => tokio::time::sleep(delay).await,
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Fail(status, _) => return Err(status),
        }
        Ok(0)
    }

    /// Counts the request, and says what happens to it.
    fn next(&self) -> Behaviour {
        let mut seen = self.0.lock().expect("no test panics while it looks");
        seen.requests += 1;
        let behaviour = seen.behaviour.clone();
        match &mut seen.behaviour {
            Behaviour::Fail(_, 0) => {
                seen.behaviour = Behaviour::Accept;
                Behaviour::Accept
            }
            Behaviour::Fail(_, left) => {
                *left -= 1;
                behaviour
            }
            _ => behaviour,
        }
    }
}
