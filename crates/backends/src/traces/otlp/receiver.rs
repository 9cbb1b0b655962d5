//! The trace service and the logs service of OTLP.

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{
            ExportLogsServiceRequest, ExportLogsServiceResponse, logs_service_server::LogsService,
        },
        trace::v1::{
            ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::TraceService,
        },
    },
    trace::v1::ResourceSpans,
};
use tonic::{Request, Response, Status, async_trait};

use super::{decode, decode_logs, gate::Gate};
use crate::traces::store::TraceStore;

/// Hands each export to the store.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    gate: Gate,
    store: TraceStore,
}

impl Receiver {
    pub(crate) fn new(gate: Gate, store: TraceStore) -> Self {
        Self { gate, store }
    }
}

/// Keeps the spans of an export, and says what was rejected.
///
/// The message is absent when everything was kept: an exporter logs it as a warning.
/// <https://opentelemetry.io/docs/specs/otlp/#partial-success>
pub(super) fn keep_spans(
    store: &TraceStore,
    spans: Vec<ResourceSpans>,
) -> Option<ExportTracePartialSuccess> {
    let outcome = decode::insert(store, spans);
    (outcome.rejected() > 0).then(|| {
        tracing::warn!(%outcome, "spans rejected");
        ExportTracePartialSuccess {
            rejected_spans: i64::try_from(outcome.rejected()).unwrap_or(i64::MAX),
            error_message: outcome.to_string(),
        }
    })
}

#[async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.gate.opened().await;
        let partial_success = keep_spans(&self.store, request.into_inner().resource_spans);
        Ok(Response::new(ExportTraceServiceResponse {
            partial_success,
        }))
    }
}

#[async_trait]
impl LogsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.gate.opened().await;
        decode_logs::insert(&self.store, request.into_inner().resource_logs);
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}
