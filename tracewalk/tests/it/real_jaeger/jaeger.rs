//! A real Jaeger in a process of its own.

use std::fs;

use serde_json::Value as Json;
use tempfile::TempDir;
use test_support::program::{Program, free_addresses};
use tokio::net::TcpStream;

use crate::support::{get, until};

/// Jaeger on free ports, with its spans in memory.
pub(crate) struct Jaeger {
    pub(crate) otlp: String,
    query: String,
    pub(crate) sampling: String,
    program: Option<Program>,
    folder: TempDir,
}

impl Jaeger {
    /// A collector with this memory limiter, a store, a query API, and this rate of sampling.
    pub(crate) async fn start(limiter: &str, sampling_rate: f64) -> Self {
        let store = "jaeger_storage_exporter: {trace_storage: traces}";
        Self::start_over(store, limiter, sampling_rate).await
    }

    /// With this exporter in the place of its store.
    pub(crate) async fn start_over(exporter: &str, limiter: &str, sampling_rate: f64) -> Self {
        let (name, _) = exporter.split_once(':').expect("an exporter has a name");
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
    traces: {{receivers: [otlp], processors: [memory_limiter], exporters: [{name}]}}
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
exporters: {{{exporter}}}
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
    pub(crate) async fn run(&mut self) {
        let config = self.folder.path().join("config.yml");
        let arguments = [format!("--config={}", config.display())];
        self.program = Some(Program::start("jaeger", &arguments));
        until("Jaeger listens", async || {
            TcpStream::connect(&self.query).await.ok()
        })
        .await;
    }

    pub(crate) fn stop(&mut self) {
        self.program = None;
    }

    /// The data of an answer; nothing when it is no success.
    pub(crate) async fn ask(&self, path: &str) -> Option<Json> {
        ask(&self.query, path).await
    }

    /// The spans of a trace, once there are so many.
    pub(crate) async fn spans(&self, trace_id: &str, number: usize) -> Vec<Json> {
        spans(&self.query, trace_id, number).await
    }
}

async fn ask(query: &str, path: &str) -> Option<Json> {
    let answer = get(&format!("http://{query}{path}")).await;
    (answer.status == 200).then(|| answer.json()["data"].clone())
}

/// The spans of a trace of three services, once the API at `query` has so many.
pub(crate) async fn spans(query: &str, trace_id: &str, number: usize) -> Vec<Json> {
    let path = format!("/api/traces/{trace_id}");
    until("the whole trace", async || {
        let trace = ask(query, &path).await?[0].take();
        let spans = trace["spans"].as_array()?.clone();
        let services = trace["processes"].as_object()?.len();
        (spans.len() >= number && services == 3).then_some(spans)
    })
    .await
}

/// A memory limiter that refuses nothing.
pub(crate) const ROOMY: &str = "{check_interval: 1s, limit_mib: 1000}";
