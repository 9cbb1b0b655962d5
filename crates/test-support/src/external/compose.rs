//! The real Jaeger with the compose file's configuration, and a real Prometheus that scrapes it.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::program::{Program, free_addresses};

const JAEGER_CONFIG: &str = include_str!("../../../../jaeger/config.yml");
const OTHER_FILES: [(&str, &str); 2] = [
    (
        "sampling.json",
        include_str!("../../../../jaeger/sampling.json"),
    ),
    ("ui.json", include_str!("../../../../jaeger/ui.json")),
];

/// What the configuration of the compose file's Jaeger spells differently from the one built here.
const OLDER_WORDS: [(&str, &str); 3] = [
    ("span_metrics", "spanmetrics"),
    ("otlp_http", "otlphttp"),
    (
        "resource: {attributes: [{name: service.name, value: jaeger}]}",
        "resource: {service.name: jaeger}",
    ),
];

/// Both programs, connected to each other as in the compose file.
#[derive(Debug)]
pub struct Compose {
    /// Where OTLP/gRPC goes: `127.0.0.1:PORT`.
    pub otlp: String,
    /// Where Jaeger's query API is: `127.0.0.1:PORT`.
    pub query: String,
    _jaeger: Program,
    _prometheus: Program,
    _folder: TempDir,
}

impl Compose {
    /// Starts both; log records go to `loki`, as `127.0.0.1:PORT`, uncompressed.
    pub fn start(loki: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // All in one call, so that no port is given twice.
        let [
            otlp,
            query,
            prometheus,
            span_metrics,
            telemetry,
            others @ ..,
        ] = free_addresses::<10>();
        let (_, telemetry) = telemetry.rsplit_once(':').expect("an address has a port");
        let ports = ["13133", "16685", "4318", "5778", "5779"].map(|it| format!("0.0.0.0:{it}"));
        let mut replacements = vec![
            ("0.0.0.0:4317", otlp.clone()),
            ("0.0.0.0:16686", query.clone()),
            ("0.0.0.0:8889", span_metrics.clone()),
            (
                "host: 0.0.0.0, port: 8888",
                format!("host: 127.0.0.1, port: {telemetry}"),
            ),
            ("http://prometheus:9090", format!("http://{prometheus}")),
            (
                "endpoint: http://loki:3100/otlp",
                format!("compression: none\n    endpoint: http://{loki}/otlp"),
            ),
        ];
        replacements.extend(ports.iter().map(String::as_str).zip(others));
        let config = jaeger_config(folder.path(), &replacements);
        let jaeger = write(folder.path(), "jaeger.yml", &config);
        Self {
            otlp,
            query,
            _prometheus: start_prometheus(folder.path(), &prometheus, &span_metrics),
            _jaeger: Program::start("jaeger", &[format!("--config={jaeger}")]),
            _folder: folder,
        }
    }
}

fn start_prometheus(folder: &Path, address: &str, span_metrics: &str) -> Program {
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n  \
         - {{job_name: span-metrics, static_configs: [{{targets: ['{span_metrics}']}}]}}\n"
    );
    let file = write(folder, "prometheus.yml", &config);
    let arguments = [
        format!("--config.file={file}"),
        format!("--storage.tsdb.path={}", folder.join("data").display()),
        format!("--web.listen-address={address}"),
        "--web.enable-otlp-receiver".to_owned(),
        "--log.level=error".to_owned(),
    ];
    Program::start("prometheus", &arguments)
}

/// The compose file's, with addresses of this machine; span metrics every second.
fn jaeger_config(folder: &Path, replacements: &[(&str, String)]) -> String {
    let mut config = JAEGER_CONFIG.to_owned();
    let mut replace = |from: &str, to: &str| {
        assert!(config.contains(from), "jaeger/config.yml has no {from}");
        config = config.replace(from, to);
    };
    for (from, to) in OLDER_WORDS {
        replace(from, to);
    }
    for (from, to) in replacements {
        replace(from, to);
    }
    for (name, text) in OTHER_FILES {
        let file = write(folder, name, text);
        replace(&format!("/etc/jaeger/{name}"), &file);
    }
    replace("metrics_flush_interval: 5s", "metrics_flush_interval: 1s");
    replace("logs: {level: warn}", "logs: {level: fatal}");
    config
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("it is written");
    path.display().to_string()
}
