use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::collector::{
    logs::v1::{
        ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{
    Request, Response, Status, codec::CompressionEncoding, transport::server::TcpIncoming,
};

use super::{Span, Trace, until};

/// An OTLP receiver on a free port that keeps what it is sent; gone when dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    spans: Arc<Mutex<Vec<Span>>>,
    exports: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let (spans, exports) = (Arc::default(), Arc::default());
        let keep = Keep {
            spans: Arc::clone(&spans),
            exports: Arc::clone(&exports),
        };
        let logs = LogsServiceServer::new(keep.clone());
        let service = TraceServiceServer::new(keep)
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(64 << 20);
        let server = tokio::spawn(async move {
            tonic::transport::Server::builder()
                .add_service(service)
                .add_service(logs)
                .serve_with_incoming(TcpIncoming::from(listener))
                .await
                .expect("a bound listener can be served");
        });
        Self {
            endpoint: format!("http://{address}"),
            spans,
            exports,
            server,
        }
    }

    /// Each export as text, with every word in it, of spans and of log records.
    pub(crate) fn exports(&self) -> Vec<String> {
        self.exports
            .lock()
            .expect("nothing panics with this lock")
            .clone()
    }

    /// Everything that has arrived.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans
            .lock()
            .expect("nothing panics with this lock")
            .clone()
    }

    /// All traces that have arrived, by trace id.
    pub(crate) fn traces(&self) -> BTreeMap<String, Trace> {
        let mut traces = BTreeMap::<String, Vec<Span>>::new();
        for span in self.spans() {
            traces.entry(span.trace_id.clone()).or_default().push(span);
        }
        traces
            .into_iter()
            .map(|(id, spans)| (id, Trace::new(spans)))
            .collect()
    }

    /// The trace of a call, once it has as many spans as are expected, or more.
    pub(crate) async fn trace(&self, trace_id: &str, spans: usize) -> Trace {
        until(
            &format!(
                "{spans} spans of trace {trace_id}; there are {:?}",
                self.spans()
            ),
            async || {
                self.traces()
                    .remove(trace_id)
                    .filter(|trace| trace.spans().len() >= spans)
            },
        )
        .await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Keep {
    spans: Arc<Mutex<Vec<Span>>>,
    exports: Arc<Mutex<Vec<String>>>,
}

impl Keep {
    fn note(&self, export: &impl std::fmt::Debug) {
        let mut exports = self.exports.lock().expect("nothing panics with this lock");
        exports.push(format!("{export:?}"));
    }
}

#[tonic::async_trait]
impl TraceService for Keep {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.note(request.get_ref());
        let mut spans = self.spans.lock().expect("nothing panics with this lock");
        for resource in request.into_inner().resource_spans {
            spans.extend(Span::all_of(resource));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Keep {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.note(request.get_ref());
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}
