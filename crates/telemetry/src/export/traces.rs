use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message;

use super::{Destination, OtlpClient, Outcome};

/// Spans for an OTLP collector.
#[derive(Debug)]
pub(crate) struct OtlpTraces {
    client: OtlpClient,
    resource: ResourceAttributesWithSchema,
}

impl OtlpTraces {
    pub(crate) fn new(client: OtlpClient, resource: &Resource) -> Self {
        Self {
            client,
            resource: resource.into(),
        }
    }
}

impl Destination<SpanData> for OtlpTraces {
    type Batch = Bytes;

    fn prepare(&self, spans: Vec<SpanData>) -> Bytes {
        let mut groups = group_spans_by_resource_and_scope(spans, &self.resource);
        let group = groups.pop().expect("one resource makes one group");
        group.encode_to_vec().into()
    }

    async fn send(&mut self, batch: &mut Bytes) -> Outcome {
        const PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        match self
            .client
            .export::<ExportTraceServiceResponse>(PATH, batch)
            .await
        {
            Ok(response) => {
                let rejected = response
                    .partial_success
                    .map_or(0, |part| part.rejected_spans);
                Outcome::Delivered {
                    rejected: u64::try_from(rejected).unwrap_or(0),
                }
            }
            Err(outcome) => outcome,
        }
    }
}
