use std::{
    io,
    sync::{Arc, Mutex},
};

use tonic::{Code, body::Body};
use tower::Layer;
use tracing::instrument::WithSubscriber;

use super::AccessLogLayer;
use crate::testing::{answer_in_trailers, code, handler, request};

/// Where the log of a test goes.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().expect("no writer panics");
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn line_of(answer: Code, user_agent: &'static str) -> Vec<serde_json::Value> {
    let mut call = request();
    let user_agent = http::HeaderValue::from_static(user_agent);
    call.headers_mut().insert("user-agent", user_agent);
    lines_of(call, answer).await
}

async fn lines_of(call: http::Request<Body>, answer: Code) -> Vec<serde_json::Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    let stack = AccessLogLayer::new([&crate::testing::PATH[1..]])
        .without("grpc.health.v1.Health")
        .layer(handler(move |_| async move { answer_in_trailers(answer) }));
    code(stack, call).with_subscriber(subscriber).await;
    let bytes = lines.0.lock().expect("no writer panics").clone();
    let parse = |line| serde_json::from_slice(line).expect("a line of JSON");
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.is_empty()).map(parse).collect()
}

#[tokio::test]
async fn each_call_is_one_line_with_its_code() {
    let lines = line_of(Code::Ok, "grpc-go/1.80").await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["level"], "INFO");
    assert_eq!(lines[0]["fields"]["rpc"], crate::testing::PATH);
    assert_eq!(lines[0]["fields"]["code"], "OK");
    assert_eq!(lines[0]["fields"]["user_agent"], "grpc-go/1.80");
    assert!(lines[0]["fields"]["duration_ms"].as_f64() >= Some(0.0));

    let lines = line_of(Code::Internal, "").await;
    assert_eq!(lines[0]["level"], "WARN");
}

#[tokio::test]
async fn a_path_that_is_no_method_is_not_repeated() {
    let mut call = request();
    *call.uri_mut() = "/reset/canary".parse().expect("a path");
    let lines = lines_of(call, Code::Unimplemented).await;
    assert_eq!(lines[0]["fields"]["rpc"], "_OTHER");
}
