use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{io::AsyncWriteExt as _, runtime::Runtime};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

use crate::support::{ClosedPort, DEADLINE};

/// What is wrong with a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nobody listens.
    Absent,
    /// Connections are taken, and nothing is read: what a stopped process does.
    Hung,
    /// Each answer takes a while.
    Slow,
    /// Each batch is refused for good.
    Refuses,
    /// One span of each batch is rejected.
    RejectsOne,
    /// What comes back is no HTTP.
    Garbage,
    /// It is well, and its end comes with [`Collector::kill`].
    Dies,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::None,
        Self::Absent,
        Self::Hung,
        Self::Slow,
        Self::Refuses,
        Self::RejectsOne,
        Self::Garbage,
        Self::Dies,
    ];

    pub(crate) fn loses(self) -> bool {
        !matches!(self, Self::None | Self::Slow)
    }

    pub(crate) fn loses_everything(self) -> bool {
        matches!(
            self,
            Self::Refuses | Self::Absent | Self::Hung | Self::Garbage
        )
    }

    /// Spans are still there when the service is stopped.
    pub(crate) fn keeps_the_queue_full(self) -> bool {
        matches!(self, Self::Absent | Self::Hung | Self::Garbage | Self::Dies)
    }
}

/// An OTLP receiver with a fault, on a runtime of its own so that it can be killed.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    fault: Fault,
    spans: Spans,
    running: Option<Runtime>,
    /// Of a hung one: the system takes connections, and nobody asks for them.
    unread: Option<TcpListener>,
    /// Of an absent one: no other test listens there.
    closed: Option<ClosedPort>,
}

/// The ids that have arrived.
type Spans = Arc<Mutex<BTreeSet<Vec<u8>>>>;

impl Collector {
    pub(crate) fn start(fault: Fault) -> Self {
        if fault == Fault::Absent {
            let closed = ClosedPort::new();
            let address = closed.address.parse().expect("an address");
            let mut collector = Self::at(address, fault);
            collector.closed = Some(closed);
            return collector;
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let mut collector = Self::at(address, fault);
        match fault {
            Fault::Hung => collector.unread = Some(listener),
            _ => collector.run(listener),
        }
        collector
    }

    fn at(address: SocketAddr, fault: Fault) -> Self {
        Self {
            address,
            fault,
            spans: Spans::default(),
            running: None,
            unread: None,
            closed: None,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many different spans have arrived, those that were rejected among them.
    pub(crate) fn arrived(&self) -> u64 {
        let spans = self.spans.lock().expect("nothing panics with this lock");
        spans.len() as u64
    }

    /// Every connection breaks.
    pub(crate) fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_background();
        }
    }

    pub(crate) fn restart(&mut self) {
        let begin = Instant::now();
        let listener = loop {
            // The runtime that was shut down closes its socket when its thread gets to it.
            match TcpListener::bind(self.address) {
                Ok(listener) => break listener,
                Err(error) => assert!(begin.elapsed() < DEADLINE, "{error}"),
            }
            std::thread::yield_now();
        };
        self.run(listener);
    }

    fn run(&mut self, listener: TcpListener) {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        listener.set_nonblocking(true).expect("a socket");
        let (fault, spans) = (self.fault, Arc::clone(&self.spans));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            if fault == Fault::Garbage {
                return garbage(listener).await;
            }
            let service = TraceServiceServer::new(Receiver { fault, spans });
            let server = tonic::transport::Server::builder().add_service(service);
            let ended = server
                .serve_with_incoming(TcpIncoming::from(listener))
                .await;
            ended.expect("a bound listener can be served");
        });
        self.running = Some(runtime);
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn garbage(listener: tokio::net::TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        // The other side hangs up in the middle of it.
        drop(stream.write_all(&[0x5a; 1 << 12]).await);
    }
}

struct Receiver {
    fault: Fault,
    spans: Spans,
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        match self.fault {
            Fault::Refuses => return Err(Status::invalid_argument("no")),
            Fault::Slow => tokio::time::sleep(Duration::from_millis(300)).await,
            _ => {}
        }
        let resources = request.into_inner().resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        let ids = scopes
            .flat_map(|scope| scope.spans)
            .map(|span| span.span_id);
        let mut spans = self.spans.lock().expect("nothing panics with this lock");
        spans.extend(ids);
        let rejected_spans = i64::from(self.fault == Fault::RejectsOne);
        Ok(Response::new(ExportTraceServiceResponse {
            partial_success: (rejected_spans > 0).then_some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: "one too many".to_owned(),
            }),
        }))
    }
}
