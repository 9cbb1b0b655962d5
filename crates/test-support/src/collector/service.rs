//! What the collector answers.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
};

use opentelemetry_proto::tonic::collector::{
    logs::v1::{
        ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use tonic::{
    Request, Response, Status, async_trait,
    codec::CompressionEncoding,
    transport::{Server, server::TcpIncoming},
};

use super::{Behaviour, Received, into_tokio};

const MAX_MESSAGE: usize = 64 << 20;

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, received: Arc<Mutex<Received>>) {
    let service = Service(received);
    let traces = TraceServiceServer::new(service.clone())
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MAX_MESSAGE);
    let logs = LogsServiceServer::new(service)
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MAX_MESSAGE);
    let server = Server::builder().add_service(traces).add_service(logs);
    let ended = server.serve_with_incoming(TcpIncoming::from(into_tokio(listener)));
    ended.await.expect("a bound listener can be served");
}

#[derive(Clone)]
struct Service(Arc<Mutex<Received>>);

#[async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let rejected_spans = self.answer().await?;
        self.lock().traces.push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse {
            partial_success: (rejected_spans > 0).then(|| ExportTracePartialSuccess {
                rejected_spans,
                error_message: "too old".to_owned(),
            }),
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
        self.lock().logs.push(request.into_inner());
        Ok(Response::new(ExportLogsServiceResponse {
            partial_success: (rejected_log_records > 0).then(|| ExportLogsPartialSuccess {
                rejected_log_records,
                error_message: "too old".to_owned(),
            }),
        }))
    }
}

impl Service {
    /// How many items of the request are rejected.
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
        let mut received = self.lock();
        received.requests += 1;
        let behaviour = received.behaviour.clone();
        match &mut received.behaviour {
            Behaviour::Fail(_, 0) => {
                received.behaviour = Behaviour::Accept;
                Behaviour::Accept
            }
            Behaviour::Fail(_, left) => {
                *left -= 1;
                behaviour
            }
            _ => behaviour,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.0.lock().expect("nothing panics with this lock")
    }
}
