use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SpanData;
use prost::Message;

use super::OtlpItem;

impl OtlpItem for SpanData {
    type Response = ExportTraceServiceResponse;

    const PATH: &'static str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    fn encode(spans: Vec<Self>, resource: &ResourceAttributesWithSchema) -> Bytes {
        let groups = group_spans_by_resource_and_scope(spans, resource);
        let group = groups.into_iter().next().unwrap_or_default();
        group.encode_to_vec().into()
    }

    fn partial_success(response: Self::Response) -> Option<(i64, String)> {
        let partial = response.partial_success?;
        Some((partial.rejected_spans, partial.error_message))
    }
}
