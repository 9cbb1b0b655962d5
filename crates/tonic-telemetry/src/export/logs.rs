use std::collections::BTreeMap;

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceResponse,
    common::v1::InstrumentationScope,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use prost::Message;

use super::OtlpBatch;
use crate::logs::Entry;

impl OtlpBatch for Vec<Entry> {
    type Response = ExportLogsServiceResponse;

    const PATH: &'static str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    /// Groups the records by their target, which is their scope in OTLP.
    fn encode(self, resource: &ResourceAttributesWithSchema) -> Bytes {
        let mut by_target: BTreeMap<String, Vec<LogRecord>> = BTreeMap::new();
        for entry in self {
            by_target
                .entry(entry.target)
                .or_default()
                .push(entry.record);
        }
        let scope = |name| InstrumentationScope {
            name,
            ..InstrumentationScope::default()
        };
        let scope_logs = by_target
            .into_iter()
            .map(|(target, log_records)| ScopeLogs {
                scope: Some(scope(target)),
                log_records,
                ..ScopeLogs::default()
            });
        let group = ResourceLogs {
            resource: Some(Resource {
                attributes: resource.attributes.0.clone(),
                ..Resource::default()
            }),
            scope_logs: scope_logs.collect(),
            schema_url: resource.schema_url.clone().unwrap_or_default(),
        };
        group.encode_to_vec().into()
    }

    fn partial_success(response: Self::Response) -> Option<(i64, String)> {
        let partial = response.partial_success?;
        Some((partial.rejected_log_records, partial.error_message))
    }
}
