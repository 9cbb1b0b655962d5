//! A real Prometheus with rules, and one target.

use std::{
    fs,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use serde_json::Value as Json;
use tempfile::TempDir;
use test_support::{
    DEADLINE,
    program::{Program, free_addresses},
};
use tokio::time::sleep;

use super::{jaeger, rules::RULES};

/// A real Prometheus with the rules.
pub(super) struct Real {
    url: String,
    _program: Program,
    _folder: TempDir,
}

impl Real {
    pub(super) fn start(target: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("it is written");
            path.display().to_string()
        };
        for (name, text) in RULES {
            write(name, text);
        }
        let config = format!(
            "
global: {{scrape_interval: 200ms, evaluation_interval: 200ms}}
rule_files: [rules.yml, alerts.yml, rpc.yml, slo.yml]
scrape_configs:
  - job_name: services
    static_configs: [{{targets: ['{target}'], labels: {{service_name: user}}}}]
"
        );
        let config = write("config.yml", &config);
        let [address] = free_addresses();
        let arguments = [
            format!("--config.file={config}"),
            format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ),
            format!("--web.listen-address={address}"),
            "--log.level=error".to_owned(),
        ];
        Self {
            url: format!("http://{address}"),
            _program: Program::start("prometheus", &arguments),
            _folder: folder,
        }
    }

    /// The status and the answer, once it answers at all.
    pub(super) async fn get(&self, path: &str) -> (StatusCode, Json) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(answer) = jaeger::get(&format!("{}{path}", self.url)).await {
                return answer;
            }
            assert!(Instant::now() < deadline, "Prometheus does not answer");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
