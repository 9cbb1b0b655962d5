//! A real Jaeger in a process of its own.

use std::{
    fs,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, trace_service_client::TraceServiceClient},
    trace::v1::ResourceSpans,
};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::time::sleep;
use tonic::transport::Channel;

use test_support::program::{Program, free_addresses};

/// The longest wait for anything: far more than it takes, as machines may be busy.
const DEADLINE: Duration = Duration::from_mins(1);

/// OTLP in, the query API out, the spans in memory.
#[derive(Debug)]
pub(crate) struct Jaeger {
    pub(crate) url: String,
    otlp: String,
    _program: Program,
    _folder: TempDir,
}

impl Jaeger {
    pub(crate) async fn start() -> Self {
        let [query, query_grpc, otlp] = free_addresses();
        let config = format!(
            "
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {{receivers: [otlp], exporters: [jaeger_storage_exporter]}}
  telemetry: {{metrics: {{level: none}}, logs: {{level: fatal}}}}
extensions:
  jaeger_storage: {{backends: {{traces: {{memory: {{max_traces: 10000}}}}}}}}
  jaeger_query: {{storage: {{traces: traces}}, http: {{endpoint: '{query}'}}, grpc: {{endpoint: '{query_grpc}'}}}}
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: '{otlp}'}}}}}}}}
exporters: {{jaeger_storage_exporter: {{trace_storage: traces}}}}
"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.yml");
        fs::write(&file, config).expect("it is written");
        let jaeger = Self {
            url: format!("http://{query}"),
            otlp: format!("http://{otlp}"),
            _program: Program::start("jaeger", &[format!("--config={}", file.display())]),
            _folder: folder,
        };
        let deadline = Instant::now() + DEADLINE;
        while get(&format!("{}/api/services", jaeger.url)).await.is_none() {
            assert!(Instant::now() < deadline, "Jaeger does not answer");
            sleep(Duration::from_millis(50)).await;
        }
        jaeger
    }

    pub(crate) async fn export(&self, resource_spans: Vec<ResourceSpans>) {
        let channel = Channel::from_shared(self.otlp.clone()).expect("the URL is valid");
        let channel = channel.connect().await.expect("Jaeger listens");
        let request = ExportTraceServiceRequest { resource_spans };
        let answer = TraceServiceClient::new(channel).export(request).await;
        let complaint = answer.expect("the export is answered").into_inner();
        let refused = complaint.partial_success.unwrap_or_default().rejected_spans;
        assert_eq!(refused, 0);
    }

    /// The status and the body of an answer.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Json) {
        let answer = get(&format!("{}{path}", self.url)).await;
        answer.expect("Jaeger answers")
    }
}

/// The answer to a URL; `None` when nobody is there.
pub(crate) async fn get(url: &str) -> Option<(StatusCode, Json)> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(url);
    let request = request
        .body(Full::<Bytes>::default())
        .expect("the URL is valid");
    let answer = client.request(request).await.ok()?;
    let status = answer.status();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    let text = || Json::String(String::from_utf8_lossy(&body).into_owned());
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
    Some((status, body))
}
