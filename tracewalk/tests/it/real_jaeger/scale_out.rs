//! `jaeger/scale-out.yml` with a real Kafka: collector, topic, ingester, store.

use std::{fs, path::Path};

use tempfile::TempDir;
use test_support::{
    kafka::Kafka,
    program::{Program, free_addresses},
};

use super::jaeger::spans;
use crate::support::Demo;

const ROLES: &str = include_str!("../../../../jaeger/scale-out.yml");

/// The topic of the spans, which the broker does not create by itself.
const TOPIC: &str = "jaeger-spans";

/// A collector and an ingester, each as its own process.
struct ScaledOut {
    otlp: String,
    query: String,
    _collector: Program,
    _ingester: Program,
    _folder: TempDir,
}

impl ScaledOut {
    fn start(broker: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [otlp, otlp_http, query, query_grpc, health, ingester_health] = free_addresses();
        let brokers = (
            r#"["kafka-1:9092", "kafka-2:9092", "kafka-3:9092"]"#,
            format!("['{broker}']"),
        );
        let collector = [
            brokers.clone(),
            ("0.0.0.0:4317", otlp.clone()),
            ("0.0.0.0:4318", otlp_http),
            ("0.0.0.0:13133", health),
        ];
        // A store in memory with its API, and a decision that keeps each trace, soon.
        let api = format!(
            "jaeger_query: {{storage: {{traces: traces}}, http: {{endpoint: '{query}'}}, \
             grpc: {{endpoint: '{query_grpc}'}}}}\n  jaeger_storage:"
        );
        let ingester = [
            brokers,
            ("0.0.0.0:13133", ingester_health),
            (
                "jaeger_storage]",
                "jaeger_storage, jaeger_query]".to_owned(),
            ),
            ("jaeger_storage:", api),
            (OPENSEARCH, "memory: {max_traces: 1000}\n".to_owned()),
            ("topics: [jaeger-spans]", format!("topic: {TOPIC}")), // As Jaeger 2.13 spells it.
            ("decision_wait: 10s", "decision_wait: 1s".to_owned()),
            (
                "sampling_percentage: 5",
                "sampling_percentage: 100".to_owned(),
            ),
        ];
        Self {
            otlp: format!("http://{otlp}"),
            query,
            _collector: run(folder.path(), "collector", &collector),
            _ingester: run(folder.path(), "ingester", &ingester),
            _folder: folder,
        }
    }
}

const OPENSEARCH: &str = r#"opensearch:
          server_urls: ["http://opensearch-1:9200", "http://opensearch-2:9200"]
          indices: {index_prefix: tracewalk, spans: {shards: 5, replicas: 1}}
"#;

/// The document of a role, with these replacements.
fn run(folder: &Path, role: &str, replacements: &[(&str, String)]) -> Program {
    let mut documents = ROLES.split("\n---\n");
    let document = documents.find(|it| it.contains(&format!("# --- {role}:")));
    let mut config = document.expect("each role has a document").to_owned();
    for (from, to) in replacements {
        assert!(config.contains(from), "{role} has no {from}");
        config = config.replacen(from, to, 1);
    }
    // Two on one machine: no port for metrics of their own.
    let quiet = "telemetry: {metrics: {level: none}, logs: {level: fatal}}";
    config = config.replacen("service:\n", &format!("service:\n  {quiet}\n"), 1);
    let file = folder.join(role);
    fs::write(&file, config).expect("it is written");
    Program::start("jaeger", &[format!("--config={}", file.display())])
}

#[tokio::test]
async fn the_spans_of_a_call_go_through_kafka_to_the_store() {
    let kafka = tokio::task::spawn_blocking(|| {
        let kafka = Kafka::start();
        let create = ["--create", "--topic", TOPIC, "--partitions", "3"];
        let broker = ["--bootstrap-server", &kafka.address()];
        kafka.run(
            "org.apache.kafka.tools.TopicCommand",
            &[&create[..], &broker].concat(),
            "",
        );
        kafka
    });
    let kafka = kafka.await.expect("a broker");
    let jaeger = ScaledOut::start(&kafka.address());
    let demo = Demo::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp)]).await;
    let seen = demo.caller().await.get("1").await;
    spans(&jaeger.query, &seen.trace_id, 7).await;
}
