//! From OTLP messages to log records of the store.

use std::sync::Arc;

use opentelemetry_proto::tonic::logs::v1::{LogRecord as OtlpRecord, ResourceLogs, SeverityNumber};
use prost::Message;

use super::{
    decode::read_resource,
    value::{plain_text, tags},
};
use crate::{
    intern::{Text, Texts},
    traces::{
        logs::LogRecord,
        model::{Resource, SpanId, TraceId},
        store::TraceStore,
    },
};

/// Keeps the log records of one export that belong to a trace.
pub(super) fn insert(store: &TraceStore, batch: Vec<ResourceLogs>) {
    store.insert_logs(|texts, found| each_record(batch, texts, found));
}

/// Calls `found` with every record of the batch that belongs to a trace: no page shows others.
fn each_record(batch: Vec<ResourceLogs>, texts: &mut Texts, found: &mut dyn FnMut(LogRecord)) {
    for of_resource in batch {
        let resource = of_resource.resource.unwrap_or_default();
        let resource = Arc::new(read_resource(&resource, texts));
        for of_scope in of_resource.scope_logs {
            let target = texts.share(&of_scope.scope.unwrap_or_default().name);
            for record in &of_scope.log_records {
                if let Ok(trace_id) = TraceId::try_from(&record.trace_id[..]) {
                    found(read(record, trace_id, &target, &resource, texts));
                }
            }
        }
    }
}

fn read(
    record: &OtlpRecord,
    trace_id: TraceId,
    target: &Text,
    resource: &Arc<Resource>,
    texts: &mut Texts,
) -> LogRecord {
    LogRecord {
        trace_id,
        span_id: SpanId::try_from(&record.span_id[..]).ok(),
        // When the record was logged, or else when it was observed.
        time: match record.time_unix_nano {
            0 => record.observed_time_unix_nano,
            time => time,
        },
        severity: texts.share(severity(record)),
        target: Arc::clone(target),
        body: texts.share(&plain_text(record.body.as_ref())),
        tags: tags(&record.attributes, texts),
        resource: Arc::clone(resource),
        weight: record.encoded_len(),
    }
}

/// The sender's text, or else the name in the specification without its number: `INFO2` is `INFO`.
fn severity(record: &OtlpRecord) -> &str {
    if !record.severity_text.is_empty() {
        return &record.severity_text;
    }
    let name = match record.severity_number() {
        SeverityNumber::Unspecified => return "",
        number => number.as_str_name(),
    };
    name.trim_start_matches("SEVERITY_NUMBER_")
        .trim_end_matches(|end: char| end.is_ascii_digit())
}
