use std::{
    fmt::Write as _,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::ask::get;
use crate::prometheus::{labels::NAME, promql::seconds, tests::dataset};

/// Debian's Prometheus on a free port, with the samples; killed when dropped.
#[derive(Debug)]
pub(super) struct Real {
    process: Child,
    pub(super) address: String,
    _folder: TempDir,
}

impl Real {
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (page, config) = (folder.path().join("page"), folder.path().join("config.yml"));
        std::fs::write(&page, page_of_all()).unwrap();
        std::fs::write(&config, "").unwrap();
        let blocks = folder.path().join("data");
        load(&page, &blocks);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", blocks.display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address={address}"))
            .args(["--enable-feature=promql-at-modifier", "--log.level=error"])
            .stdin(Stdio::null())
            .spawn()
            .expect("Debian's package `prometheus` is installed");
        let real = Self {
            process,
            address,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while get(&real.address, "/-/ready")
            .await
            .is_none_or(|(status, _)| status != 200)
        {
            assert!(Instant::now() < deadline, "Prometheus is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        real
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Makes what Prometheus keeps on disk of a page with times.
fn load(page: &Path, blocks: &Path) {
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([page, blocks])
        .output()
        .expect("Debian's package `prometheus` has promtool");
    assert!(made.status.success(), "{made:?}");
}

/// All samples as one page of `OpenMetrics`.
fn page_of_all() -> String {
    let mut page = String::new();
    for series in dataset::series() {
        let name = series.labels.get(NAME);
        let labels = series.labels.iter().filter(|(label, _)| ***label != *NAME);
        let labels: Vec<_> = labels
            .map(|(label, value)| format!("{label}={value:?}"))
            .collect();
        let labels = labels.join(",");
        for sample in series.samples {
            let at = seconds(sample.at);
            writeln!(page, "{name}{{{labels}}} {} {at}", sample.value).unwrap();
        }
    }
    page + "# EOF\n"
}
