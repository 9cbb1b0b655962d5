//! The three services as processes, with telemetry or without.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::cpu;

/// What the services do besides answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Nothing: built without the layers, and started without an exporter.
    Bare,
    /// Every call traced, exported and measured.
    Full,
}

/// Gateway, user and profile, stopped when dropped.
pub(crate) struct Chain {
    gateway: String,
    services: Vec<Service>,
}

struct Service {
    child: Child,
    grpc: String,
}

impl Chain {
    /// Starts the last hop first, each told where the next one listens.
    pub(crate) async fn start(
        binary: &Path,
        variant: Variant,
        log: &str,
        collector: &str,
    ) -> anyhow::Result<Self> {
        let setting = Setting {
            binary,
            variant,
            log,
            collector,
        };
        let memory = ["--database-url", "memory:"].map(str::to_owned);
        let profile = start(&setting, "profile", memory.to_vec()).await?;
        let target = format!("static:///{}", profile.grpc);
        let arguments = [memory.to_vec(), vec!["--profile".to_owned(), target]].concat();
        let user = start(&setting, "user", arguments).await?;
        let target = format!("static:///{}", user.grpc);
        let arguments = ["--user", &target, "--http-listen", "127.0.0.1:0"];
        // All calls come from one address, and none of them is to be refused.
        let arguments = [&arguments[..], &["--rate-limit", "1000000"]].concat();
        let arguments: Vec<_> = arguments.into_iter().map(str::to_owned).collect();
        let gateway = start(&setting, "gateway", arguments).await?;
        Ok(Self {
            gateway: format!("http://{}", gateway.grpc),
            services: vec![gateway, user, profile],
        })
    }

    /// Where the gateway answers gRPC.
    pub(crate) fn gateway(&self) -> &str {
        &self.gateway
    }

    /// CPU time of the three services so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut sum = Duration::ZERO;
        for service in &self.services {
            let pid = service.child.id().context("a service died")?;
            sum += cpu::time(pid)?;
        }
        Ok(sum)
    }

    /// Drains the services in the order of the chain, so that the last spans are exported.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for mut service in self.services {
            drop(service.child.stdin.take());
            let status = timeout(Duration::from_secs(20), service.child.wait())
                .await
                .context("a service does not stop")??;
            anyhow::ensure!(status.success(), "a service ended with {status}");
        }
        Ok(())
    }
}

/// What the three processes have in common.
struct Setting<'a> {
    binary: &'a Path,
    variant: Variant,
    log: &'a str,
    collector: &'a str,
}

async fn start(
    setting: &Setting<'_>,
    name: &str,
    arguments: Vec<String>,
) -> anyhow::Result<Service> {
    let Setting {
        binary,
        variant,
        log,
        collector,
    } = setting;
    let mut command = Command::new(binary);
    command
        .args([
            name,
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ])
        .args(["--log-format", "json", "--stop-on-stdin-eof"])
        .args(arguments)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .env("RUST_LOG", format!("{log},tracewalk::ready=info"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if *variant == Variant::Bare {
        command.env("OTEL_SDK_DISABLED", "true");
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let stdout = child.stdout.take().context("standard output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let grpc = timeout(Duration::from_secs(20), ready(&mut lines))
        .await
        .with_context(|| format!("{name} is not ready after 20 s"))??;
    // Whoever stops reading a pipe stops its writer.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(Service { child, grpc })
}

/// Waits for the one event `ready` and returns the address in it.
async fn ready(
    lines: &mut tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
) -> anyhow::Result<String> {
    while let Some(line) = lines.next_line().await? {
        let event: serde_json::Value =
            serde_json::from_str(&line).with_context(|| format!("not a JSON log line: {line}"))?;
        if event["message"] == "ready" {
            let address = event["grpc"].as_str().context("`ready` has no `grpc`")?;
            return Ok(address.to_owned());
        }
    }
    bail!("the service ended before it was ready")
}
