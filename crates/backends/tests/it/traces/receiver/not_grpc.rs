//! Requests that are no call of OTLP/gRPC.

use super::{one_span, refused};
use crate::support::backend::Backend;
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

#[rstest]
#[case("POST", "/v1/traces", "application/x-protobuf", 415)]
#[case("POST", "/v1/traces", "application/json", 415)]
#[case("POST", "/v1/logs", "application/x-protobuf", 415)]
#[case("POST", "/api/v2/spans", "application/json", 415)]
#[case("POST", "/", "application/x-protobuf", 415)]
#[case("POST", EXPORT, "application/x-protobuf", 415)]
#[case("POST", EXPORT, "application/grpc-web+proto", 415)]
#[case("POST", EXPORT, "application/grpc+json", 415)]
#[case("POST", EXPORT, "", 415)]
#[case("GET", "/", "", 405)]
#[case("GET", "/v1/traces", "", 405)]
#[case("GET", EXPORT, "application/grpc", 405)]
#[case("OPTIONS", "/v1/traces", "", 405)]
#[case("POST", "/other", "application/json", 404)]
#[case("GET", "/favicon.ico", "", 404)]
#[tokio::test]
async fn what_is_not_grpc_is_refused_by_its_status_and_counted(
    #[case] method: &str,
    #[case] path: &str,
    #[case] content_type: &str,
    #[case] expected: u16,
    #[values(false, true)] http2: bool,
) {
    let backend = Backend::start().await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(http2)
        .build_http();
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", backend.otlp_url));
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    // More than any buffer on the way: the sender comes to read the answer all the same.
    let body = Full::new(Bytes::from(vec![b'x'; 1 << 20]));
    let answer = client.request(request.body(body).unwrap()).await.unwrap();
    assert_eq!(answer.status(), expected);
    assert_eq!(answer.headers().contains_key("allow"), expected == 405);
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(text.contains("OTLP/gRPC"), "{text}");
    let reason = match expected {
        415 => "unsupported_media_type",
        405 => "method_not_allowed",
        _ => "not_found",
    };
    assert_eq!(refused(&backend.store.stats()), [(reason, 1)]);
}

#[tokio::test]
async fn grpc_over_http_1_is_refused() {
    let backend = Backend::start().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(format!("{}{EXPORT}", backend.otlp_url))
        .header("content-type", "application/grpc")
        .body(Full::new(Bytes::from_static(&[0; 5])));
    let answer = client.request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 505);
    let stats = backend.store.stats();
    assert_eq!(refused(&stats), [("http_version_not_supported", 1)]);
}

#[rstest]
#[case("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", &[0; 5], "12", "unimplemented")]
#[case("/other.Service/Method", &[0; 5], "12", "unimplemented")]
#[case(EXPORT, &[0, 0, 0, 0, 1, 0xff], "13", "malformed")]
#[tokio::test]
async fn a_call_that_is_refused_keeps_its_grpc_status_and_is_counted(
    #[case] path: &str,
    #[case] frame: &'static [u8],
    #[case] expected: &str,
    #[case] reason: &str,
) {
    let backend = Backend::start().await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let request = Request::post(format!("{}{path}", backend.otlp_url))
        .header("content-type", "application/grpc")
        .body(Full::new(Bytes::from_static(frame)));
    let answer = client.request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["grpc-status"], expected);
    assert_eq!(refused(&backend.store.stats()), [(reason, 1)]);
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
        // The server may answer anything, but it closes the connection.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    backend.export(one_span()).await;
}
