use std::error::Error;

use bytes::Bytes;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use super::{Endpoint, Outcome};

/// Sends encoded batches by OTLP/gRPC.
///
/// `opentelemetry-otlp` would do, but it keeps to itself what the ledger needs: how many items a
/// collector rejected, and whether trying again makes sense. It also copies each batch per attempt.
/// Spec: [OTLP/gRPC][otlp].
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
        self.grpc.ready().await.map_err(|_| UNREACHABLE)?;
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

/// An export request whose one `ResourceSpans` (or `ResourceLogs`) is encoded already.
///
/// On the wire a message is its length and its bytes, as a `bytes` field is: so the batch is
/// encoded once, however often it is sent.
#[derive(Clone, PartialEq, Message)]
struct ExportRequest {
    #[prost(bytes = "bytes", tag = "1")]
    resource_items: Bytes,
}

const UNREACHABLE: Outcome = Outcome::Unavailable {
    reason: "UNAVAILABLE",
    wait: None,
};

/// Tells transient failures from final ones, by the table of [OTLP's failures][failures].
///
/// [failures]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#failures
fn outcome_of(status: &Status) -> Outcome {
    let wait = status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    let reason = name(status.code());
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Outcome::Unavailable { reason, wait },
        // Retryable only where the collector says when it will have recovered.
        Code::ResourceExhausted if wait.is_some() => Outcome::Unavailable { reason, wait },
        // A status with a source was not sent by the collector: the connection broke.
        _ if status.source().is_some() => UNREACHABLE,
        _ => Outcome::Refused { reason },
    }
}

/// The code as metrics spell it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn encoded_batch_reads_as_the_request_of_the_protocol() {
        let spans = ResourceSpans {
            schema_url: "https://example.org".into(),
            ..Default::default()
        };
        let request = ExportRequest {
            resource_items: spans.encode_to_vec().into(),
        };

        let read = ExportTraceServiceRequest::decode(request.encode_to_vec().as_slice()).unwrap();
        assert_eq!(read.resource_spans, [spans]);
    }

    #[test]
    fn only_transient_failures_are_tried_again() {
        let retried = [1, 4, 10, 11, 14, 15];
        for code in 1..17 {
            let outcome = outcome_of(&Status::new(Code::from(code), ""));
            let transient = matches!(outcome, Outcome::Unavailable { wait: None, .. });
            assert_eq!(transient, retried.contains(&code), "{:?}", Code::from(code));
        }
    }

    #[test]
    fn exhausted_collector_is_tried_again_when_it_says_when() {
        let wait = Some(Duration::from_secs(3));
        let details = ErrorDetails::with_retry_info(wait);
        let status = Status::with_error_details(Code::ResourceExhausted, "", details);

        let expected = Outcome::Unavailable {
            reason: "RESOURCE_EXHAUSTED",
            wait,
        };
        assert_eq!(outcome_of(&status), expected);
    }
}
