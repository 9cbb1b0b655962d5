use std::time::{Duration, Instant};

use tempfile::TempDir;
use test_support::program::{Program, free_addresses};

use super::{
    ask::{get, write},
    load,
};
use crate::metrics::tests::dataset;

/// Prometheus 3 on a free port, with the samples.
#[derive(Debug)]
pub(super) struct Real {
    _program: Program,
    pub(super) address: String,
    _folder: TempDir,
}

impl Real {
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, data) = (folder.path().join("config.yml"), folder.path().join("data"));
        // The default step of a subquery, as in `prometheus.yml`.
        std::fs::write(&config, "global: {evaluation_interval: 5s}").unwrap();
        let [address] = free_addresses();
        let arguments = [
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", data.display()),
            "--storage.tsdb.retention.time=100y".to_owned(),
            "--web.enable-remote-write-receiver".to_owned(),
            format!("--web.listen-address={address}"),
            "--log.level=error".to_owned(),
        ];
        let real = Self {
            _program: Program::start("prometheus", &arguments),
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
        write(&real.address, load::request(dataset::series())).await;
        real
    }
}
