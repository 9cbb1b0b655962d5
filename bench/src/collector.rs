//! An OTLP collector that counts spans and forgets them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{
    net::TcpListener,
    runtime::{self, Runtime},
};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// A collector on a free port, gone when dropped. On a thread of its own: what it does with spans must
/// not make the callers wait.
pub(crate) struct Collector {
    endpoint: String,
    spans: Arc<AtomicU64>,
    runtime: Option<Runtime>,
}

impl Collector {
    /// Starts to listen.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.spawn(TcpListener::bind("127.0.0.1:0")).await??;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let spans = Arc::default();
        let service = TraceServiceServer::new(Counter(Arc::clone(&spans)))
            .max_decoding_message_size(16 << 20);
        runtime.spawn(async move {
            let serving = tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpIncoming::from(listener));
            if let Err(error) = serving.await {
                panic!("the collector failed: {error}");
            }
        });
        Ok(Self {
            endpoint,
            spans,
            runtime: Some(runtime),
        })
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Spans received so far.
    pub(crate) fn spans(&self) -> u64 {
        self.spans.load(Ordering::Relaxed)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // A runtime must not wait for its tasks inside of another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Counter(Arc<AtomicU64>);

#[tonic::async_trait]
impl TraceService for Counter {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans: usize = request
            .get_ref()
            .resource_spans
            .iter()
            .flat_map(|resource| &resource.scope_spans)
            .map(|scope| scope.spans.len())
            .sum();
        self.0.fetch_add(spans as u64, Ordering::Relaxed);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
