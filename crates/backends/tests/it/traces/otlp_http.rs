//! What the receiver of OTLP/HTTP takes and what it refuses.

use std::io::Write as _;

use crate::support::{
    backend::Backend,
    spans::{service, span},
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    trace::v1::Span,
};
use prost::Message as _;
use rstest::rstest;
use serde_json::{Value, json};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const TRACE: &str = "0102030405060708090a0b0c0d0e0f10";

/// A request to the receiver: its status, its content type and its body.
async fn send(
    backend: &Backend,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, String, Bytes) {
    let mut request = Request::post(format!("{}{path}", backend.otlp_http_url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = request.body(Full::new(Bytes::from(body)));
    let request = request.expect("the request is valid");
    let answer = client.request(request).await.expect("an answer comes");
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type");
    let kind = kind
        .map_or("", |kind| kind.to_str().expect("it is text"))
        .to_owned();
    let body = answer.into_body().collect().await;
    let body = body.expect("the body ends").to_bytes();
    (status, kind, body)
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let done = packed.write_all(body).and_then(|()| packed.finish());
    done.expect("memory takes it")
}

fn protobuf(spans: Vec<Span>) -> Vec<u8> {
    let resource_spans = vec![service("user", spans)];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// As the specification spells it: ids in hexadecimal, times as text.
fn json_of(trace: &str) -> Vec<u8> {
    let shop = json!({ "key": "service.name", "value": { "stringValue": "shop" } });
    let span = json!({
        "traceId": trace, "spanId": "0102030405060708", "name": "order", "kind": 2,
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000",
    });
    let of_resource = json!({
        "resource": { "attributes": [shop] },
        "scopeSpans": [{ "spans": [span] }],
    });
    json!({ "resourceSpans": [of_resource] })
        .to_string()
        .into_bytes()
}

#[rstest]
#[tokio::test]
async fn protobuf_and_json_are_kept_plain_and_with_gzip(
    #[values((PROTOBUF, protobuf(vec![span(1, 1)])), (JSON, json_of(TRACE)))] export: (
        &str,
        Vec<u8>,
    ),
    #[values(false, true)] packed: bool,
) {
    let backend = Backend::start().await;
    let (kind, body) = export;
    let mut headers = vec![("content-type", kind)];
    let body = if packed {
        headers.push(("content-encoding", "gzip"));
        gzip(&body)
    } else {
        body
    };
    let (status, answered, answer) = send(&backend, "/v1/traces", &headers, body).await;
    assert_eq!((status, answered.as_str()), (200, kind), "{answer:?}");
    // Without a partial success, and in the format of the request.
    let expected: &[u8] = if kind == JSON { b"{}" } else { b"" };
    assert_eq!(answer, expected);
    assert_eq!(backend.store.stats().spans, 1);
}

#[tokio::test]
async fn rejected_spans_are_said_in_the_format_of_the_request() {
    let backend = Backend::start().await;
    let headers = [("content-type", JSON)];
    let (status, _, body) = send(&backend, "/v1/traces", &headers, json_of("01")).await;
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, &answer["partialSuccess"]["rejectedSpans"]),
        (200, &json!("1"))
    );
    let bad = Span {
        trace_id: vec![1],
        ..span(1, 1)
    };
    let headers = [("content-type", PROTOBUF)];
    let (_, _, body) = send(&backend, "/v1/traces", &headers, protobuf(vec![bad])).await;
    let answer = ExportTraceServiceResponse::decode(body).unwrap();
    assert_eq!(answer.partial_success.unwrap().rejected_spans, 1);
}

#[tokio::test]
async fn log_records_are_kept_with_their_trace() {
    let backend = Backend::start().await;
    let headers = [("content-type", JSON)];
    send(&backend, "/v1/traces", &headers, json_of(TRACE)).await;
    let record = json!({
        "timeUnixNano": "1700000000000000000", "severityNumber": "SEVERITY_NUMBER_WARN",
        "body": { "stringValue": "out of stock" }, "traceId": TRACE, "spanId": "0102030405060708",
    });
    let logs = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] });
    let logs = logs.to_string().into_bytes();
    let (status, _, body) = send(&backend, "/v1/logs", &headers, logs).await;
    assert_eq!((status, &body[..]), (200, &b"{}"[..]));
    let kept = backend.get(&format!("/api/traces/{TRACE}/logs")).await;
    let kept = kept.text();
    assert!(
        kept.contains("out of stock") && kept.contains("WARN"),
        "{kept}"
    );
}

#[tokio::test]
async fn an_empty_export_is_no_mistake() {
    let backend = Backend::start().await;
    for (kind, body) in [(PROTOBUF, vec![]), (JSON, b"{}".to_vec())] {
        for path in ["/v1/traces", "/v1/logs"] {
            let headers = [("content-type", kind)];
            let (status, ..) = send(&backend, path, &headers, body.clone()).await;
            assert_eq!(status, 200, "{path} {kind}");
        }
    }
}

#[rstest]
#[case("/v1/traces", &[("content-type", PROTOBUF)], b"\xff".to_vec(), 400, "malformed")]
#[case("/v1/traces", &[("content-type", JSON)], b"[]".to_vec(), 400, "malformed")]
#[case("/v1/logs", &[("content-type", JSON)], b"{".to_vec(), 400, "malformed")]
#[case("/v1/traces", &[("content-type", JSON), ("content-encoding", "gzip")], b"{}".to_vec(), 400, "malformed")]
#[case("/v1/traces", &[("content-type", JSON), ("content-encoding", "br")], b"{}".to_vec(), 415, "unsupported_media_type")]
#[case("/v1/traces", &[("content-type", "text/plain")], b"{}".to_vec(), 415, "unsupported_media_type")]
#[case("/v1/traces", &[], b"{}".to_vec(), 415, "unsupported_media_type")]
#[case("/v1/traces", &[("content-type", JSON)], vec![b' '; 17 << 20], 413, "too_large")]
#[case("/v1/traces", &[("content-type", JSON), ("content-encoding", "gzip")], gzip(&vec![b' '; 17 << 20]), 413, "too_large")]
#[case("/v1/metrics", &[("content-type", JSON)], b"{}".to_vec(), 404, "not_found")]
#[case("/api/v2/spans", &[("content-type", JSON)], b"[]".to_vec(), 404, "not_found")]
#[tokio::test]
async fn what_cannot_be_kept_is_refused_explained_and_counted(
    #[case] path: &str,
    #[case] headers: &[(&str, &str)],
    #[case] body: Vec<u8>,
    #[case] expected: u16,
    #[case] reason: &str,
) {
    let backend = Backend::start().await;
    let (status, _, answer) = send(&backend, path, headers, body).await;
    assert_eq!(status, expected, "{answer:?}");
    assert!(answer.len() > 20, "it says why: {answer:?}");
    let stats = backend.store.stats();
    let counts = stats.refused_requests.by_reason();
    let counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    assert_eq!(counts, [(reason, 1)]);
}

#[tokio::test]
async fn another_method_than_post_is_refused() {
    let backend = Backend::start().await;
    let url = format!("{}/v1/traces", backend.otlp_http_url);
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(url).body(Full::new(Bytes::new())).unwrap();
    let answer = client.request(request).await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.headers()["allow"], "POST");
}
