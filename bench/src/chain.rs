//! The three hops, each a process of this program.

use std::{env, process::Stdio, time::Duration};

use anyhow::Context as _;
use clap::ValueEnum;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{hop::Role, process, variant::Variant};

/// How long a hop may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Gateway, user and profile, killed when dropped.
pub(crate) struct Chain {
    /// In the order of a call.
    hops: Vec<Process>,
    _certificates: TempDir,
}

struct Process {
    child: Child,
    address: String,
}

impl Chain {
    /// Starts the last hop first, each told where the next one listens.
    pub(crate) async fn start(variant: Variant, collector: &str) -> anyhow::Result<Self> {
        let certificates = tempfile::tempdir()?;
        if variant == Variant::Tls {
            let names = Role::value_variants().iter().map(|role| role.name());
            let names: Vec<_> = names.collect();
            let day = Duration::from_hours(24);
            dev_identity::write_certificates(certificates.path(), &names, day)?;
        }
        let mut hops: Vec<Process> = Vec::new();
        for role in Role::value_variants().iter().rev() {
            let mut command = Command::new(env::current_exe()?);
            command
                .args(["hop", role.name()])
                .args(["--variant", &variant.to_string()])
                .args(["--collector", collector]);
            if variant == Variant::Tls {
                command.arg("--certificates").arg(certificates.path());
            }
            if let Some(next) = hops.first() {
                command.args(["--next", &next.address]);
            }
            let hop = Process::start(command).await;
            hops.insert(
                0,
                hop.with_context(|| format!("cannot start {}", role.name()))?,
            );
        }
        Ok(Self {
            hops,
            _certificates: certificates,
        })
    }

    /// Where the first hop listens.
    pub(crate) fn first(&self) -> &str {
        &self.hops[0].address
    }

    /// CPU time of the three processes so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        self.hops
            .iter()
            .map(|hop| Ok(process::cpu(hop.pid()?)?))
            .sum()
    }

    /// Resident memory of the three processes.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let of = |hop: &Process| Ok(process::resident_kib(hop.pid()?)?);
        self.hops.iter().map(of).sum()
    }

    /// Drains the hops in the order of a call, so that the last spans are exported.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for mut hop in self.hops {
            drop(hop.child.stdin.take());
            let ended = timeout(PATIENCE, hop.child.wait()).await;
            let status = ended.context("a hop does not stop")??;
            anyhow::ensure!(status.success(), "a hop ended with {status}");
        }
        Ok(())
    }
}

impl Process {
    /// Waits for the first line, which is the address.
    async fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let address = timeout(PATIENCE, lines.next_line()).await;
        let address = address.context("it does not say where it listens")??;
        let address = address.context("it ended before it listened")?;
        // If nobody reads the pipe, the process blocks when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, address })
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("a hop died")
    }
}
