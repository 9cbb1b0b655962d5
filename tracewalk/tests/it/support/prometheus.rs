use std::net::TcpListener;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::{get, until};

/// A real Prometheus that asks some services each second; killed when dropped.
#[derive(Debug)]
pub(crate) struct Prometheus {
    pub(crate) address: String,
    _process: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts it with these features, and waits until it listens.
    pub(crate) async fn start(targets: &[String], features: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("a bound listener has one");
        let address = address.to_string();
        drop(free);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n  \
             - {{job_name: grpc-services, static_configs: [{{targets: {targets:?}}}]}}\n"
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).expect("a writable folder");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().display()))
            .arg(format!("--web.listen-address={address}"))
            .arg(format!("--enable-feature={features}"))
            .arg("--log.level=warn")
            .kill_on_drop(true)
            .spawn()
            .expect("Debian's package `prometheus` is installed");
        until("Prometheus listens", async || {
            TcpStream::connect(&address).await.ok()
        })
        .await;
        Self {
            address,
            _process: process,
            _folder: folder,
        }
    }

    /// What its API says at this path; nothing while it starts.
    pub(crate) async fn ask(&self, path: &str) -> Option<Value> {
        let answer = get(&format!("http://{}/api/v1/{path}", self.address)).await;
        (answer.status == 200).then(|| answer.json()["data"].clone())
    }

    /// The one number that a query comes to; nothing while there are none or several.
    pub(crate) async fn number(&self, query: &str) -> Option<f64> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let answer = self.ask(&format!("query?query={query}")).await?;
        let series = answer["result"].as_array()?;
        let [series] = &series[..] else {
            return None;
        };
        series["value"][1].as_str()?.parse().ok()
    }
}
