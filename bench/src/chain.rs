//! The hops, each a process of this program.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::Context as _;
use clap::ValueEnum;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{hop::Role, peer, process, variant::Variant};

/// How long a hop may take to start, and to stop; under valgrind it is thirty times slower.
const PATIENCE: Duration = Duration::from_mins(1);

/// The hops of a call, killed when dropped.
pub(crate) struct Chain {
    /// In the order of a call.
    hops: Vec<Process>,
    /// The certificates, and what valgrind counted.
    files: TempDir,
}

/// How the processes of a chain run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// As they are.
    Natively,
    /// Under valgrind, which counts their instructions.
    Counted,
}

struct Process {
    child: Child,
    address: String,
}

impl Chain {
    /// Starts the last of `hops` hops first, each told where the next one listens.
    pub(crate) async fn start(
        variant: Variant,
        hops: usize,
        run: Run,
        collector: &str,
    ) -> anyhow::Result<Self> {
        let files = tempfile::tempdir()?;
        if variant == Variant::Tls {
            let names = Role::value_variants().iter().map(|role| role.name());
            let names: Vec<_> = names.collect();
            let day = Duration::from_hours(24);
            dev_identity::write_certificates(files.path(), &names, day)?;
        }
        let mut next: Option<(Role, String)> = None;
        let mut started = Vec::new();
        for (place, role) in Role::chain(hops).into_iter().enumerate().rev() {
            let mut command = run.command(variant, &count_file(&files, place))?;
            command
                .args(["hop", role.name()])
                .args(["--variant", &variant.to_string()])
                .args(["--collector", collector]);
            if variant == Variant::Tls {
                command.arg("--certificates").arg(files.path());
            }
            if run == Run::Counted {
                command.arg("--timeless");
            }
            if let Some((role, address)) = &next {
                command.args(["--next-role", role.name(), "--next", address]);
            }
            let hop = Process::start(command).await;
            let hop = hop.with_context(|| format!("cannot start {}", role.name()))?;
            next = Some((role, hop.address.clone()));
            started.insert(0, hop);
        }
        let hops = started;
        Ok(Self { hops, files })
    }

    /// Where the first hop listens.
    pub(crate) fn first(&self) -> &str {
        &self.hops[0].address
    }

    /// CPU time of all hops so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        self.hops
            .iter()
            .map(|hop| Ok(process::cpu(hop.pid()?)?))
            .sum()
    }

    /// Resident memory of all hops.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let of = |hop: &Process| Ok(process::resident_kib(hop.pid()?)?);
        self.hops.iter().map(of).sum()
    }

    /// Drains the hops in the order of a call, so that the last spans are exported. Returns the files
    /// that they wrote.
    pub(crate) async fn stop(self) -> anyhow::Result<TempDir> {
        for mut hop in self.hops {
            drop(hop.child.stdin.take());
            let ended = timeout(PATIENCE, hop.child.wait()).await;
            let status = ended.context("a hop does not stop")??;
            anyhow::ensure!(status.success(), "a hop ended with {status}");
        }
        Ok(self.files)
    }

    /// Stops a chain that was counted. Returns the instructions of its processes from start to end.
    pub(crate) async fn instructions(self) -> anyhow::Result<u64> {
        let hops = self.hops.len();
        let files = self.stop().await?;
        (0..hops)
            .map(|place| instructions(&count_file(&files, place)))
            .sum()
    }
}

/// Where valgrind writes what it counted of a hop.
fn count_file(files: &TempDir, place: usize) -> PathBuf {
    files.path().join(format!("hop-{place}"))
}

impl Run {
    /// The program of the variant, so run; valgrind writes its count to `file`.
    fn command(self, variant: Variant, file: &Path) -> anyhow::Result<Command> {
        let program = if variant.is_go() {
            peer::program()
        } else {
            env::current_exe()?
        };
        if self == Self::Natively {
            return Ok(Command::new(program));
        }
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=cachegrind", "--cache-sim=no"])
            .arg("--cachegrind-out-file=/dev/null")
            .arg(format!("--log-file={}", file.display()))
            .arg(program)
            // Else the C library copies by one instruction that counts as one for each byte.
            .env(
                "GLIBC_TUNABLES",
                "glibc.cpu.x86_rep_movsb_threshold=1000000000",
            );
        Ok(command)
    }
}

/// Reads the line `I refs: 1,234` that valgrind wrote.
fn instructions(file: &Path) -> anyhow::Result<u64> {
    let text = fs::read_to_string(file).context("valgrind wrote nothing")?;
    let count = text.lines().find_map(|line| line.split_once("refs:"));
    let count = count.map(|(_, count)| count.trim().replace(',', "").parse());
    let count = count.with_context(|| format!("expected a count of instructions in {text:?}"))?;
    Ok(count?)
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
