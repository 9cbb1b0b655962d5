//! What the OTLP receiver takes and what it refuses.

use crate::support::{
    backend::Backend,
    spans::{child_of, service, span, text},
};
use embedded::{Limits, Stats};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, Span},
};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::{Code, codec::CompressionEncoding};

#[tokio::test]
async fn an_export_that_is_kept_is_answered_without_a_complaint() {
    let backend = Backend::start().await;
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
    assert_eq!(backend.store.stats().spans, 1);
}

#[tokio::test]
async fn gzip_is_understood() {
    let mut backend = Backend::start().await;
    backend.otlp = backend.otlp.send_compressed(CompressionEncoding::Gzip);
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
    assert_eq!(backend.store.stats().spans, 1);
}

/// One span with a text of this many bytes.
fn large(bytes: usize) -> Vec<ResourceSpans> {
    let attributes = vec![text("large", &"x".repeat(bytes))];
    vec![service(
        "user",
        vec![Span {
            attributes,
            ..span(1, 1)
        }],
    )]
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
    assert_eq!(status.code(), Code::OutOfRange);
    assert_eq!(backend.store.stats().spans, 0);
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
}

#[tokio::test]
async fn a_small_message_that_grows_huge_when_unpacked_is_refused() {
    let mut backend = Backend::start().await;
    backend.otlp = backend.otlp.send_compressed(CompressionEncoding::Gzip);
    let status = backend.try_export(large(100 << 20)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
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
    assert!(
        complaint.error_message.contains("1 with a bad id"),
        "{complaint:?}"
    );
    let stats = backend.store.stats();
    assert_eq!((stats.spans, stats.rejected_spans), (1, 1), "{reason}");
}

#[tokio::test]
async fn a_parent_id_of_zeros_means_a_root() {
    let backend = Backend::start().await;
    backend
        .export(vec![service("user", vec![child_of(0, span(1, 1))])])
        .await;
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
        ..Stats::default()
    };
    assert_eq!(backend.store.stats(), expected);
}

#[tokio::test]
async fn garbage_is_refused_and_the_next_export_is_kept() {
    let backend = Backend::start().await;
    let address = backend.otlp_url.trim_start_matches("http://");
    for garbage in [
        &b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        &[0xff; 64],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nx",
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        // Whatever it says to that, it ends.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
}

#[tokio::test]
async fn an_empty_export_is_no_mistake() {
    let backend = Backend::start().await;
    backend
        .export(ExportTraceServiceRequest::default().resource_spans)
        .await;
    backend.export(vec![ResourceSpans::default()]).await;
    assert_eq!(backend.store.stats(), Stats::default());
}

#[tokio::test]
async fn the_servers_stop_although_clients_stay_connected() {
    let backend = Backend::start().await;
    backend
        .export(vec![service("user", vec![span(1, 1)])])
        .await;
    backend.get("/status").await;
    let silent = tokio::net::TcpStream::connect(backend.otlp_url.trim_start_matches("http://"));
    let _silent = silent.await.unwrap();
    backend.stop().await;
}
