//! Log records are kept with their trace, as many as fit.

use backends::Limits;
use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsServiceRequest, logs_service_client::LogsServiceClient},
    common::v1::{AnyValue, InstrumentationScope, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use serde_json::json;
use tonic::codec::CompressionEncoding;

use crate::support::{
    backend::Backend,
    spans::{service, span, text},
};

/// A record of a span of this trace, at this microsecond.
pub(crate) fn record(trace: u128, span: u64, time: u64, body: &str) -> LogRecord {
    LogRecord {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: span.to_be_bytes().to_vec(),
        time_unix_nano: time * 1_000,
        severity_number: SeverityNumber::Warn.into(),
        body: Some(AnyValue {
            value: Some(Value::StringValue(body.to_owned())),
        }),
        ..LogRecord::default()
    }
}

pub(crate) async fn export(backend: &Backend, log_records: Vec<LogRecord>) {
    let scope = InstrumentationScope {
        name: "user::service".to_owned(),
        ..InstrumentationScope::default()
    };
    let of_scope = ScopeLogs {
        scope: Some(scope),
        log_records,
        ..ScopeLogs::default()
    };
    let of_resource = ResourceLogs {
        resource: Some(Resource {
            attributes: vec![text("service.name", "user")],
            ..Resource::default()
        }),
        scope_logs: vec![of_scope],
        ..ResourceLogs::default()
    };
    let client = LogsServiceClient::connect(backend.otlp_url.clone()).await;
    let mut client = client
        .expect("the receiver listens")
        .send_compressed(CompressionEncoding::Gzip);
    let request = ExportLogsServiceRequest {
        resource_logs: vec![of_resource],
    };
    let answer = client.export(request).await.expect("logs are taken");
    assert_eq!(answer.into_inner().partial_success, None);
}

async fn bodies(backend: &Backend, trace: &str) -> Vec<String> {
    let lines = backend.data(&format!("/api/traces/{trace}/logs")).await;
    let lines = lines.as_array().expect("a list").iter();
    lines
        .map(|line| line["body"].as_str().expect("a text").to_owned())
        .collect()
}

#[tokio::test]
async fn a_record_is_there_with_its_span_and_all_that_it_says() {
    let backend = Backend::start().await;
    let said = LogRecord {
        attributes: vec![text("code", "NOT_FOUND")],
        ..record(1, 2, 70, "refused")
    };
    export(&backend, vec![said]).await;
    let expected = json!([{
        "timestamp": 70,
        "spanID": "0000000000000002",
        "serviceName": "user",
        "severity": "WARN",
        "target": "user::service",
        "body": "refused",
        "fields": [{ "key": "code", "type": "string", "value": "NOT_FOUND" }],
    }]);
    assert_eq!(backend.data("/api/traces/1/logs").await, expected);
}

#[tokio::test]
async fn records_are_sorted_by_time_and_stay_with_their_trace() {
    let backend = Backend::start().await;
    let late = vec![record(1, 2, 9, "last"), record(2, 2, 5, "other")];
    export(&backend, late).await;
    export(&backend, vec![record(1, 3, 1, "first")]).await;
    assert_eq!(bodies(&backend, "1").await, ["first", "last"]);
    assert_eq!(bodies(&backend, "2").await, ["other"]);
    assert!(bodies(&backend, "3").await.is_empty());
    let status = backend.get("/api/traces/xyz/logs").await.status;
    assert_eq!(status, 400, "a trace id that is none");
}

#[tokio::test]
async fn records_that_belong_to_no_trace_are_taken_and_not_kept() {
    let backend = Backend::start().await;
    let homeless = LogRecord {
        trace_id: Vec::new(),
        ..record(1, 1, 1, "starting")
    };
    export(&backend, vec![homeless, record(0, 0, 1, "zero")]).await;
    assert_eq!(backend.store.stats().log_records, 0);
}

#[tokio::test]
async fn the_oldest_records_make_room_by_number_and_by_bytes() {
    let by_number = Limits {
        max_log_records: 3,
        ..Limits::default()
    };
    let by_bytes = Limits {
        max_log_bytes: 400,
        ..Limits::default()
    };
    for limits in [by_number, by_bytes] {
        let backend = Backend::with_limits(limits).await;
        backend
            .export(vec![service("user", vec![span(1, 1)])])
            .await;
        let body = "x".repeat(60);
        for number in 1..=10 {
            let records = vec![record(number, 1, 1, &body)];
            export(&backend, records).await;
        }
        let stats = backend.store.stats();
        assert_eq!((stats.log_records, stats.evicted_log_records), (3, 7));
        for (trace, kept) in [("1", 0), ("7", 0), ("8", 1), ("a", 1)] {
            assert_eq!(bodies(&backend, trace).await.len(), kept, "trace {trace}");
        }
        // Logs take no room from spans.
        assert_eq!(stats.spans, 1);
    }
}

#[tokio::test]
async fn the_latest_records_of_all_traces_come_first() {
    let backend = Backend::start().await;
    let records = vec![
        record(1, 2, 10, "first"),
        record(2, 2, 20, "second"),
        record(1, 2, 30, "third"),
    ];
    export(&backend, records).await;
    let lines = backend.data("/api/logs?limit=2").await;
    let lines = lines.as_array().expect("a list").iter();
    let said: Vec<_> = lines
        .map(|line| (line["body"].as_str(), line["traceID"].as_str()))
        .collect();
    let ids = [1, 2].map(|id: u128| format!("{id:032x}"));
    assert_eq!(
        said,
        [
            (Some("third"), Some(ids[0].as_str())),
            (Some("second"), Some(ids[1].as_str())),
        ]
    );
    assert_eq!(backend.get("/api/logs?limit=many").await.status, 400);
}

#[tokio::test]
async fn no_more_than_fifteen_hundred_records_are_in_one_answer() {
    let backend = Backend::start().await;
    let records = (1..=1_600).map(|time| record(1, 2, time, "")).collect();
    export(&backend, records).await;
    let lines = backend.data("/api/logs?limit=18446744073709551615").await;
    assert_eq!(lines.as_array().expect("a list").len(), 1_500);
}
