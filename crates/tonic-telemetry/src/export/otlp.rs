use std::error::Error;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use grpc_wire::code_name;
use http::uri::PathAndQuery;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::Resource;
use prost::Message;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use super::RequestOptions;
use crate::queue::{ExportResult, Exporter};

/// What one OTLP request carries: a batch of spans or of log records.
pub(crate) trait OtlpBatch: Sized {
    /// What a collector answers.
    type Response: Message + Default + Send + Sync + 'static;

    /// `/package.Service/Export`.
    const PATH: &'static str;

    /// Writes one `ResourceSpans` or `ResourceLogs`.
    fn encode(self, resource: &ResourceAttributesWithSchema) -> Bytes;

    /// How many items of an accepted batch were rejected, and the collector's message about them.
    fn partial_success(response: Self::Response) -> Option<(i64, String)>;
}

/// Sends batches to a collector by [OTLP/gRPC][otlp], each in one call, and reads the status itself.
///
/// It never retries: only the [`Worker`](super::Worker) does.
///
/// [otlp]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#otlpgrpc
#[derive(Debug)]
pub(crate) struct OtlpClient<B> {
    grpc: Grpc<Channel>,
    headers: MetadataMap,
    resource: ResourceAttributesWithSchema,
    batches: PhantomData<fn(B)>,
}

impl<B: OtlpBatch> OtlpClient<B> {
    pub(crate) fn new(channel: Channel, options: RequestOptions, resource: &Resource) -> Self {
        Self {
            grpc: compressed(Grpc::new(channel), options.gzip),
            headers: MetadataMap::from_headers(options.headers),
            resource: resource.into(),
            batches: PhantomData,
        }
    }

    async fn export(&mut self, resource_items: Bytes) -> Result<B::Response, ExportResult> {
        let ready = self.grpc.ready().await;
        ready.map_err(|cause| {
            tracing::debug!(?cause, "cannot connect to the collector");
            ExportResult::UNREACHABLE
        })?;
        let mut request = Request::new(ExportRequest { resource_items });
        *request.metadata_mut() = self.headers.clone();
        let codec = ProstCodec::<ExportRequest, B::Response>::default();
        let path = PathAndQuery::from_static(B::PATH);
        let answer = self.grpc.unary(request, path, codec).await;
        let answer = answer.map_err(|status| {
            tracing::debug!(?status, "an export failed");
            result_of(&status)
        });
        Ok(answer?.into_inner())
    }
}

/// Takes compressed answers, and with `send` compresses requests.
#[cfg(feature = "gzip")]
fn compressed(grpc: Grpc<Channel>, send: bool) -> Grpc<Channel> {
    use tonic::codec::CompressionEncoding::Gzip;

    let grpc = grpc.accept_compressed(Gzip);
    if send {
        grpc.send_compressed(Gzip)
    } else {
        grpc
    }
}

#[cfg(not(feature = "gzip"))]
fn compressed(grpc: Grpc<Channel>, _: bool) -> Grpc<Channel> {
    grpc
}

impl<B: OtlpBatch> Exporter<B> for OtlpClient<B> {
    type Prepared = Bytes;

    fn prepare(&self, batch: B) -> Bytes {
        batch.encode(&self.resource)
    }

    async fn send(&mut self, batch: &Bytes) -> ExportResult {
        match self.export(batch.clone()).await {
            Ok(response) => ExportResult::exported(B::partial_success(response)),
            Err(result) => result,
        }
    }
}

/// An export request whose one `ResourceSpans` or `ResourceLogs` is encoded already.
///
/// On the wire a message field and a `bytes` field are the same, a length and the bytes. So a batch
/// is encoded once, however often it is sent.
#[derive(Clone, PartialEq, Message)]
struct ExportRequest {
    #[prost(bytes = "bytes", tag = "1")]
    resource_items: Bytes,
}

fn result_of(status: &Status) -> ExportResult {
    // A status with a source was not sent by the collector: the connection broke.
    if status.source().is_some() {
        return ExportResult::UNREACHABLE;
    }
    let retry_info = status.get_details_retry_info();
    let wait = retry_info.map(|info| info.retry_delay.unwrap_or_default());
    classify(status.code(), wait)
}

/// Tells transient failures from final ones, by the table of [OTLP's failures][failures].
///
/// `wait` is the delay that the collector asked for.
///
/// [failures]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#failures
fn classify(code: Code, wait: Option<Duration>) -> ExportResult {
    let reason = code_name(code);
    match code {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => ExportResult::Retryable { reason, wait },
        // Retryable only where the collector says when it will have recovered.
        Code::ResourceExhausted if wait.is_some() => ExportResult::Retryable { reason, wait },
        _ => ExportResult::Failed { reason },
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::logs::v1::ResourceLogs;
    use opentelemetry_proto::tonic::trace::v1::ResourceSpans;

    use super::*;

    #[test]
    fn encoded_batch_reads_as_the_request_of_the_protocol() {
        let request = |batch: &dyn Fn() -> Vec<u8>| {
            let resource_items = batch().into();
            ExportRequest { resource_items }.encode_to_vec()
        };
        let schema_url = "https://example.org".to_owned();
        let spans = ResourceSpans {
            schema_url: schema_url.clone(),
            ..Default::default()
        };
        let sent = request(&|| spans.encode_to_vec());
        let read = ExportTraceServiceRequest::decode(sent.as_slice()).unwrap();
        assert_eq!(read.resource_spans, [spans]);

        let records = ResourceLogs {
            schema_url,
            ..Default::default()
        };
        let sent = request(&|| records.encode_to_vec());
        let read = ExportLogsServiceRequest::decode(sent.as_slice()).unwrap();
        assert_eq!(read.resource_logs, [records]);
    }

    #[test]
    fn only_transient_failures_are_tried_again() {
        let retried = [1, 4, 10, 11, 14, 15];
        for code in 1..17 {
            let result = classify(Code::from(code), None);
            let transient = matches!(result, ExportResult::Retryable { .. });
            assert_eq!(transient, retried.contains(&code), "{:?}", Code::from(code));
        }
        // An exhausted collector is retried only if it says when.
        let wait = Some(Duration::from_secs(60 * 60));
        let expected = ExportResult::Retryable {
            reason: "RESOURCE_EXHAUSTED",
            wait,
        };
        assert_eq!(classify(Code::ResourceExhausted, wait), expected);
    }
}
