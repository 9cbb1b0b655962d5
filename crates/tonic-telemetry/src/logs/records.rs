use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::Context;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};
use tracing::{Event, Level};

use super::fields::{Fields, Value};
use super::{current_span, escape};
use crate::queue::{Items, Queue};

/// A log record on its way to the collector, with the target that becomes its scope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) target: String,
    pub(crate) record: LogRecord,
}

/// The queue of log records for the collector.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    queue: Arc<Queue<Items<Entry>>>,
}

impl Records {
    pub(crate) fn new(queue: Arc<Queue<Items<Entry>>>) -> Self {
        Self { queue }
    }

    /// Queues an event as a log record.
    pub(super) fn push(&self, event: &Event<'_>, fields: Fields) {
        // Exporting a log line of the exporter would make the next line, for ever.
        if Context::is_current_telemetry_suppressed() {
            return;
        }
        let target = fields.target(event).to_owned();
        self.queue.push(Entry {
            target,
            record: record(*event.metadata().level(), fields),
        });
    }
}

fn record(level: Level, fields: Fields) -> LogRecord {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
    let mut record = LogRecord {
        time_unix_nano: now,
        observed_time_unix_nano: now,
        severity_number: severity(level).into(),
        severity_text: level.as_str().to_owned(),
        body: Some(any(Value::Text(fields.message))),
        ..LogRecord::default()
    };
    record.attributes = fields
        .others
        .into_iter()
        .map(|(key, value)| KeyValue {
            key: key.to_owned(),
            value: Some(any(value)),
            ..KeyValue::default()
        })
        .collect();
    current_span(|span| {
        record.trace_id = span.trace_id().to_bytes().to_vec();
        record.span_id = span.span_id().to_bytes().to_vec();
        record.flags = span.trace_flags().to_u8().into();
    });
    record
}

fn any(value: Value) -> AnyValue {
    let value = match value {
        Value::Boolean(value) => any_value::Value::BoolValue(value),
        Value::Integer(value) => any_value::Value::IntValue(value),
        Value::Unsigned(value) => match i64::try_from(value) {
            Ok(value) => any_value::Value::IntValue(value),
            // OTLP has no larger integer.
            Err(_) => any_value::Value::StringValue(value.to_string()),
        },
        Value::Float(value) => any_value::Value::DoubleValue(value),
        Value::Text(value) => any_value::Value::StringValue(escape::truncate(&value).to_string()),
    };
    AnyValue { value: Some(value) }
}

/// Spec: [severity](https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber).
fn severity(level: Level) -> SeverityNumber {
    match level {
        Level::ERROR => SeverityNumber::Error,
        Level::WARN => SeverityNumber::Warn,
        Level::INFO => SeverityNumber::Info,
        Level::DEBUG => SeverityNumber::Debug,
        Level::TRACE => SeverityNumber::Trace,
    }
}
