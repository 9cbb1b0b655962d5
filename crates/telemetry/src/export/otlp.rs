use std::error::Error;

use bytes::Bytes;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use super::{Endpoint, Outcome, failure};

/// Sends encoded batches by OTLP/gRPC.
///
/// For log records, which are made for the wire at once and never are the SDK's; spans go by
/// `opentelemetry-otlp`. Spec: [OTLP/gRPC][otlp].
///
/// [otlp]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#otlpgrpc
#[derive(Clone, Debug)]
pub(crate) struct OtlpClient {
    grpc: Grpc<Channel>,
    headers: MetadataMap,
}

impl OtlpClient {
    /// Makes a client that connects when it is first used. Call it inside a runtime.
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        let mut grpc = Grpc::new(endpoint.address.connect_lazy());
        if endpoint.gzip {
            grpc = grpc.send_compressed(CompressionEncoding::Gzip);
        }
        let grpc = grpc.accept_compressed(CompressionEncoding::Gzip);
        Self {
            grpc,
            headers: endpoint.headers,
        }
    }

    /// Sends one batch once, and returns the collector's answer.
    pub(crate) async fn export<R>(
        &mut self,
        path: &'static str,
        resource_items: &Bytes,
    ) -> Result<R, Outcome>
    where
        R: Message + Default + Send + Sync + 'static,
    {
        self.grpc.ready().await.map_err(|_| failure::UNREACHABLE)?;
        let mut request = Request::new(ExportRequest {
            resource_items: resource_items.clone(),
        });
        *request.metadata_mut() = self.headers.clone();
        let codec = ProstCodec::<ExportRequest, R>::default();
        let answer = self
            .grpc
            .unary(request, PathAndQuery::from_static(path), codec)
            .await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| outcome_of(&status))
    }
}

/// An export request whose one `ResourceLogs` is encoded already.
///
/// On the wire a message is its length and its bytes, as a `bytes` field is: so the batch is
/// encoded once, however often it is sent.
#[derive(Clone, PartialEq, Message)]
struct ExportRequest {
    #[prost(bytes = "bytes", tag = "1")]
    resource_items: Bytes,
}

fn outcome_of(status: &Status) -> Outcome {
    // A status with a source was not sent by the collector: the connection broke.
    if status.source().is_some() {
        return failure::UNREACHABLE;
    }
    let wait = status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    failure::outcome_of(status.code(), wait)
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::logs::v1::ResourceLogs;

    use super::*;

    #[test]
    fn encoded_batch_reads_as_the_request_of_the_protocol() {
        let records = ResourceLogs {
            schema_url: "https://example.org".into(),
            ..Default::default()
        };
        let request = ExportRequest {
            resource_items: records.encode_to_vec().into(),
        };

        let read = ExportLogsServiceRequest::decode(request.encode_to_vec().as_slice()).unwrap();
        assert_eq!(read.resource_logs, [records]);
    }
}
