//! A real Jaeger in the place of the embedded store: spans and logs in, its API and its sampling out.
#[path = "../../../crates/backends/tests/support/real.rs"]
mod real;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::support::{Demo, get, request, until};
use http_body_util::Full;
use hyper::Request;
use real::{Program, free_addresses};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::net::TcpStream;

/// Jaeger on free ports, with its spans in memory.
struct Jaeger {
    otlp: String,
    query: String,
    sampling: String,
    program: Option<Program>,
    folder: TempDir,
}

impl Jaeger {
    /// A collector with this memory limiter, a store, a query API, and this rate of sampling.
    async fn start(limiter: &str, sampling_rate: f64) -> Self {
        let [query, query_grpc, otlp, sampling, sampling_http] = free_addresses();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let strategies = folder.path().join("sampling.json");
        let rate = format!("{{\"type\": \"probabilistic\", \"param\": {sampling_rate}}}");
        fs::write(&strategies, format!("{{\"default_strategy\": {rate}}}")).expect("writable");
        let config = format!(
            "
service:
  extensions: [jaeger_storage, jaeger_query, remote_sampling]
  pipelines:
    traces: {{receivers: [otlp], processors: [memory_limiter], exporters: [jaeger_storage_exporter]}}
  telemetry: {{metrics: {{level: none}}, logs: {{level: fatal}}}}
extensions:
  jaeger_storage: {{backends: {{traces: {{memory: {{max_traces: 10000}}}}}}}}
  jaeger_query: {{storage: {{traces: traces}}, http: {{endpoint: '{query}'}}, grpc: {{endpoint: '{query_grpc}'}}}}
  remote_sampling:
    file: {{path: '{}'}}
    http: {{endpoint: '{sampling_http}'}}
    grpc: {{endpoint: '{sampling}'}}
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: '{otlp}'}}}}}}}}
processors: {{memory_limiter: {limiter}}}
exporters: {{jaeger_storage_exporter: {{trace_storage: traces}}}}
",
            strategies.display()
        );
        fs::write(folder.path().join("config.yml"), config).expect("writable");
        let mut jaeger = Self {
            otlp: format!("http://{otlp}"),
            query,
            sampling,
            program: None,
            folder,
        };
        jaeger.run().await;
        jaeger
    }

    /// Starts it, again if it was stopped, and waits until it listens.
    async fn run(&mut self) {
        let config = self.folder.path().join("config.yml");
        let arguments = [format!("--config={}", config.display())];
        self.program = Some(Program::start("jaeger", &arguments));
        until("Jaeger listens", async || {
            TcpStream::connect(&self.query).await.ok()
        })
        .await;
    }

    fn stop(&mut self) {
        self.program = None;
    }

    /// The data of an answer; nothing when it is no success.
    async fn ask(&self, path: &str) -> Option<Json> {
        let answer = get(&format!("http://{}{path}", self.query)).await;
        (answer.status == 200).then(|| answer.json()["data"].clone())
    }

    /// The spans of a trace, once there are so many.
    async fn spans(&self, trace_id: &str, number: usize) -> Vec<Json> {
        let path = format!("/api/traces/{trace_id}");
        until("the whole trace", async || {
            let trace = self.ask(&path).await?[0].take();
            let spans = trace["spans"].as_array()?.clone();
            let services = trace["processes"].as_object()?.len();
            (spans.len() >= number && services == 3).then_some(spans)
        })
        .await
    }
}

const ROOMY: &str = "{check_interval: 1s, limit_mib: 1000}";

#[tokio::test]
async fn the_real_jaeger_has_the_tree_of_a_call_and_the_graph_and_the_exemplars() {
    let jaeger = Jaeger::start(ROOMY, 1.0).await;
    let demo = Demo::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp)]).await;
    let mut caller = demo.caller().await;
    let seen = caller.get("1").await;
    // A server's span at each hop, a call and its attempt at two.
    let spans = jaeger.spans(&seen.trace_id, 7).await;
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|span| span["spanID"].to_string())
        .collect();
    let parent = |span: &Json| span["references"][0]["spanID"].to_string();
    let roots: Vec<_> = spans
        .iter()
        .filter(|span| !ids.contains(&parent(span)))
        .collect();
    assert_eq!(roots.len(), 1, "{roots:?}");
    assert_eq!(
        roots[0]["operationName"],
        "tracewalk.gateway.v1.GatewayService/GetUser"
    );

    let path = "/api/traces?service=profile&tags=%7B%22rpc.response.status_code%22%3A%22OK%22%7D";
    until("the search finds it", async || {
        let found = jaeger.ask(path).await?;
        found.to_string().contains(&seen.trace_id).then_some(())
    })
    .await;
    let arrows = until("a graph", async || {
        let graph = jaeger.ask("/api/dependencies").await?;
        let arrows: BTreeMap<_, _> = graph.as_array()?.iter().map(arrow).collect();
        (arrows.len() >= 2).then_some(arrows)
    })
    .await;
    for (parent, child) in [("gateway", "user"), ("user", "profile")] {
        assert!(
            arrows.contains_key(&(parent.to_owned(), child.to_owned())),
            "{arrows:?}"
        );
    }
    exemplars_are_traces(&demo, &jaeger).await;
}

fn arrow(arrow: &Json) -> ((String, String), u64) {
    let name = |key: &str| arrow[key].as_str().unwrap_or_default().to_owned();
    (
        (name("parent"), name("child")),
        arrow["callCount"].as_u64().unwrap_or_default(),
    )
}

/// Every exemplar of the gateway names a trace that Jaeger has.
async fn exemplars_are_traces(demo: &Demo, jaeger: &Jaeger) {
    let admin = demo.gateway.address("admin").await;
    let page = Request::get(format!("http://{admin}/metrics"))
        .header("accept", "application/openmetrics-text;version=1.0.0");
    let page = request(page.body(Full::default()).expect("a request"))
        .await
        .body;
    let ids = page.split("# {trace_id=\"").skip(1);
    let ids: BTreeSet<_> = ids.filter_map(|rest| rest.split('"').next()).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let path = format!("/api/traces/{id}");
        until("the trace of an exemplar", async || jaeger.ask(&path).await).await;
    }
}

#[tokio::test]
async fn the_real_jaeger_says_how_often_to_sample() {
    let jaeger = Jaeger::start(ROOMY, 0.0).await;
    let argument = format!(
        "endpoint=http://{},pollingIntervalMs=100,initialSamplingRate=1",
        jaeger.sampling
    );
    let demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp),
        ("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", &argument),
    ])
    .await;
    let url = format!("http://{}/v1/users/1", demo.http().await);
    until("a call that is not sampled", async || {
        let answer = get(&url).await;
        assert_eq!(answer.status, 200);
        answer
            .header("traceresponse")
            .ends_with("-00")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_span_is_lost_while_the_real_jaeger_restarts() {
    let mut jaeger = Jaeger::start(ROOMY, 1.0).await;
    let demo = Demo::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp)]).await;
    let mut caller = demo.caller().await;
    caller.get("1").await;
    jaeger.stop();
    let missed = caller.get("2").await;
    jaeger.run().await;
    jaeger.spans(&missed.trace_id, 7).await;
    for service in demo.services() {
        assert_eq!(lost(service).await, 0, "{}", service.name);
    }
}

#[tokio::test]
async fn spans_that_the_real_jaeger_has_no_memory_for_are_counted() {
    // It refuses all: the process alone takes more.
    let jaeger = Jaeger::start("{check_interval: 100ms, limit_mib: 4}", 1.0).await;
    let mut demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
    ])
    .await;
    let mut caller = demo.caller().await;
    for _ in 0..100 {
        assert_eq!(caller.get("1").await.code, tonic::Code::Ok);
    }
    assert!(lost(&demo.gateway).await > 0);
    assert_eq!(demo.stop().await, [Some(0); 3]);
    assert_eq!(jaeger.ask("/api/services").await, Some(Json::Null));
}

/// How many spans a service has dropped or failed to export; all others have arrived or wait.
async fn lost(service: &crate::support::Process) -> u64 {
    let metrics = service.metrics().await;
    let sum = |name: &str, labels: &[(&str, &str)]| metrics.sum(name, labels);
    let none = [("error_type", "")];
    let failed = sum("otel_sdk_exporter_span_exported_total", &[])
        - sum("otel_sdk_exporter_span_exported_total", &none);
    let dropped = sum("otel_sdk_processor_span_processed_total", &[])
        - sum("otel_sdk_processor_span_processed_total", &none);
    failed + dropped
}
