//! What the OTLP receiver takes and what it refuses.

mod not_grpc;

use std::time::Duration;

use crate::support::{
    backend::Backend,
    spans::{child_of, service, span, text},
};
use backends::{Limits, Stats};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{ExportLogsServiceRequest, logs_service_client::LogsServiceClient},
        trace::v1::ExportTraceServiceRequest,
    },
    logs::v1::ResourceLogs,
    trace::v1::{ResourceSpans, Span},
};
use rstest::rstest;
use tonic::{Code, codec::CompressionEncoding};

#[tokio::test]
async fn an_export_that_is_kept_is_answered_without_a_complaint() {
    let backend = Backend::start().await;
    backend.export(one_span()).await;
    assert_eq!(backend.store.stats().spans, 1);
}

#[tokio::test]
async fn behind_a_closed_gate_an_export_has_no_answer() {
    let backend = Backend::start().await;
    backend.gate.set_open(false);
    let resource_spans = one_span();
    let mut request = tonic::Request::new(ExportTraceServiceRequest { resource_spans });
    request.set_timeout(Duration::from_millis(300));
    let ended = backend.otlp.clone().export(request).await;
    assert!(ended.is_err(), "{ended:?}");
    assert_eq!(backend.store.stats().spans, 0);
    backend.gate.set_open(true);
    backend.export(one_span()).await;
}

#[tokio::test]
async fn gzip_is_understood() {
    let mut backend = Backend::start().await;
    backend.otlp = backend.otlp.send_compressed(CompressionEncoding::Gzip);
    backend.export(one_span()).await;
    assert_eq!(backend.store.stats().spans, 1);
}

fn one_span() -> Vec<ResourceSpans> {
    vec![service("user", vec![span(1, 1)])]
}

/// One span with a text of this many bytes.
fn large(bytes: usize) -> Vec<ResourceSpans> {
    let large = Span {
        attributes: vec![text("large", &"x".repeat(bytes))],
        ..span(1, 1)
    };
    vec![service("user", vec![large])]
}

#[tokio::test]
async fn an_export_of_fifteen_mebibytes_is_kept() {
    let backend = Backend::start().await;
    backend.export(large(15 << 20)).await;
    assert_eq!(backend.store.stats().spans, 1);
}

#[tokio::test]
async fn an_export_above_sixteen_mebibytes_is_refused_and_the_next_one_is_kept() {
    let backend = Backend::start().await;
    let status = backend.try_export(large(17 << 20)).await.unwrap_err();
    // Exporters would send it again after OUT_OF_RANGE, or with RetryInfo.
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.details().is_empty(), "{status:?}");
    assert_eq!(backend.store.stats().spans, 0);
    assert_eq!(refused(&backend.store.stats()), [("too_large", 1)]);
    backend.export(one_span()).await;
}

#[tokio::test]
async fn a_small_message_that_grows_huge_when_unpacked_is_refused() {
    let mut backend = Backend::start().await;
    backend.otlp = backend.otlp.send_compressed(CompressionEncoding::Gzip);
    let status = backend.try_export(large(100 << 20)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    backend.export(one_span()).await;
}

#[tokio::test]
async fn an_export_of_logs_above_sixteen_mebibytes_is_refused_alike() {
    let backend = Backend::start().await;
    let mut logs = LogsServiceClient::connect(backend.otlp_url.clone())
        .await
        .unwrap();
    let large = ResourceLogs {
        schema_url: "x".repeat(17 << 20),
        ..ResourceLogs::default()
    };
    let request = ExportLogsServiceRequest {
        resource_logs: vec![large],
    };
    let status = logs.export(request).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.details().is_empty(), "{status:?}");
}

/// The reasons for which requests were refused, and how often.
fn refused(stats: &Stats) -> Vec<(&'static str, u64)> {
    let reasons = stats.refused_requests.by_reason();
    reasons.filter(|(_, count)| *count > 0).collect()
}

#[rstest]
#[case(vec![], vec![1; 8], vec![], "no trace id")]
#[case(vec![1; 15], vec![1; 8], vec![], "a short trace id")]
#[case(vec![1; 17], vec![1; 8], vec![], "a long trace id")]
#[case(vec![0; 16], vec![1; 8], vec![], "a trace id of zeros")]
#[case(vec![1; 16], vec![], vec![], "no span id")]
#[case(vec![1; 16], vec![1; 16], vec![], "a span id of the length of a trace id")]
#[case(vec![1; 16], vec![0; 8], vec![], "a span id of zeros")]
#[case(vec![1; 16], vec![1; 8], vec![1; 7], "a short parent id")]
#[tokio::test]
async fn a_span_with_a_bad_id_is_rejected_and_its_neighbour_is_kept(
    #[case] trace_id: Vec<u8>,
    #[case] span_id: Vec<u8>,
    #[case] parent_span_id: Vec<u8>,
    #[case] reason: &str,
) {
    let backend = Backend::start().await;
    let bad = Span {
        trace_id,
        span_id,
        parent_span_id,
        ..Span::default()
    };
    let spans = vec![service("user", vec![bad, span(1, 1)])];
    let complaint = backend.try_export(spans).await.unwrap().expect(reason);
    assert_eq!(complaint.rejected_spans, 1, "{reason}");
    let message = &complaint.error_message;
    assert!(message.contains("1 with a bad id"), "{message}");
    let stats = backend.store.stats();
    assert_eq!((stats.spans, stats.bad_ids), (1, 1), "{reason}");
}

#[tokio::test]
async fn a_parent_id_of_zeros_means_a_root() {
    let backend = Backend::start().await;
    let root = service("user", vec![child_of(0, span(1, 1))]);
    backend.export(vec![root]).await;
    let data = backend.data("/api/traces/1").await;
    assert_eq!(data[0]["spans"][0]["references"], serde_json::json!([]));
}

#[tokio::test]
async fn spans_beyond_the_limit_of_their_trace_are_rejected() {
    let limits = Limits {
        max_spans_per_trace: 3,
        ..Limits::default()
    };
    let backend = Backend::with_limits(limits).await;
    let spans = (1..=5).map(|id| span(1, id)).collect();
    let complaint = backend
        .try_export(vec![service("user", spans)])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(complaint.rejected_spans, 2);
    let expected = Stats {
        traces: 1,
        spans: 3,
        evicted_spans: 0,
        rejected_spans: 2,
        beyond_limit: 2,
        ..Stats::default()
    };
    assert_eq!(backend.store.stats(), expected);
}

#[tokio::test]
async fn an_empty_export_is_no_mistake() {
    let backend = Backend::start().await;
    backend.export(Vec::new()).await;
    backend.export(vec![ResourceSpans::default()]).await;
    assert_eq!(backend.store.stats(), Stats::default());
}

#[tokio::test]
async fn the_servers_stop_although_clients_stay_connected() {
    let backend = Backend::start().await;
    backend.export(one_span()).await;
    backend.get("/status").await;
    let silent = tokio::net::TcpStream::connect(backend.otlp_url.trim_start_matches("http://"));
    let _silent = silent.await.unwrap();
    backend.stop().await;
}
