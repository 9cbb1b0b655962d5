//! With Debian's Prometheus beside the stack of `tracewalk up`.

use std::path::Path;

use tokio::process::{Child, Command};

use crate::support::ClosedPort;

use super::stack::Stack;

/// Starts Prometheus with the configuration of this repository: the rules as they are, the
/// addresses of this stack in place of Docker's names, without the jobs of other containers.
fn start(stack: &Stack, folder: &Path, address: &str) -> Child {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prometheus");
    let rules = repository.join("rules").display().to_string();
    let text = std::fs::read_to_string(repository.join("prometheus.yml")).expect("a file");
    let (before, _jobs) = text.split_once("scrape_configs:").expect("it scrapes");
    let before = before.replace("rules/*.yml", &format!("{rules}/*.yml"));
    // Debian's is older.
    let known = before
        .split_inclusive('\n')
        .filter(|line| !line.contains("# Prometheus 3"));
    let before: String = known.collect();
    let targets = ["gateway", "user", "profile"].map(|service| {
        let target = stack.address(&format!("{service}_admin"));
        format!("      - {{targets: [\"{target}\"], labels: {{service_name: {service}}}}}\n")
    });
    let services = "scrape_configs:\n  - job_name: grpc-services\n    static_configs:\n";
    let itself =
        format!("  - job_name: prometheus\n    static_configs: [{{targets: [\"{address}\"]}}]\n");
    let config = [&before, services, &targets.concat(), &itself].concat();
    let file = folder.join("prometheus.yml");
    std::fs::write(&file, config).expect("a writable folder");
    Command::new("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.join("data").display()
        ))
        .arg(format!("--web.listen-address={address}"))
        .args(["--enable-feature=exemplar-storage", "--log.level=warn"])
        .kill_on_drop(true)
        .spawn()
        .expect("Debian's package `prometheus` is installed")
}

#[tokio::test]
async fn with_a_real_prometheus_every_step_but_those_of_grafana_holds() {
    let stack = Stack::start("20").await;
    let folder = tempfile::tempdir().unwrap();
    let address = ClosedPort::new().address;
    let mut prometheus = start(&stack, folder.path(), &address);
    let words = [
        "--prometheus",
        &address,
        "--without",
        "grafana,loki",
        "--wait",
        "90s",
    ];
    let checked = stack.check(&words).await;
    assert_eq!(
        (checked.named(), checked.code),
        (("", ""), Some(0)),
        "{:#}",
        checked.report
    );
    assert_eq!(checked.state("panels"), "holds");

    prometheus.kill().await.unwrap();
    let words = ["--prometheus", &address, "--without", "grafana,loki"];
    stack
        .check(&words)
        .await
        .expect_broken("prometheus", "prometheus");
}
