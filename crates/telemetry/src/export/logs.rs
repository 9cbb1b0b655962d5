use std::collections::BTreeMap;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use prost::Message;

use super::{Destination, OtlpClient, Outcome};
use crate::logs::Entry;

/// Log records for an OTLP collector.
#[derive(Debug)]
pub(crate) struct OtlpLogs {
    client: OtlpClient,
    resource: Resource,
}

impl OtlpLogs {
    pub(crate) fn new(client: OtlpClient, resource: &opentelemetry_sdk::Resource) -> Self {
        let attributes = ResourceAttributesWithSchema::from(resource).attributes.0;
        Self {
            client,
            resource: Resource {
                attributes,
                ..Resource::default()
            },
        }
    }
}

impl Destination<Entry> for OtlpLogs {
    type Batch = Bytes;

    /// Groups the records by their target, as the scopes of OTLP are meant.
    fn prepare(&self, entries: Vec<Entry>) -> Bytes {
        let mut by_target: BTreeMap<String, Vec<LogRecord>> = BTreeMap::new();
        for entry in entries {
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
            resource: Some(self.resource.clone()),
            scope_logs: scope_logs.collect(),
            ..ResourceLogs::default()
        };
        group.encode_to_vec().into()
    }

    async fn send(&mut self, batch: &mut Bytes) -> Outcome {
        const PATH: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
        match self
            .client
            .export::<ExportLogsServiceResponse>(PATH, batch)
            .await
        {
            Ok(response) => {
                let rejected = response
                    .partial_success
                    .map_or(0, |part| part.rejected_log_records);
                Outcome::Delivered {
                    rejected: u64::try_from(rejected).unwrap_or(0),
                }
            }
            Err(outcome) => outcome,
        }
    }
}
