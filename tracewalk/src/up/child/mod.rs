//! A service as a process of its own: how it starts, serves and ends.

mod command;
mod ready;

use std::{
    net::SocketAddr,
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{
    process::{self, ChildStdin},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};

use super::{ledger::Ledger, log::Log};
use command::command;
pub(super) use ready::Ready;
use ready::follow;

/// The longest wait for a child to serve; making the databases is most of it.
const START: Duration = Duration::from_secs(30);

/// What a child still needs after its grace: the last spans on their way.
const FLUSH: Duration = Duration::from_secs(5);

/// One service as a process of its own.
///
/// Its standard input is a pipe, and it stops when the pipe is closed. This process holds the other
/// end, so the child stops however this process ends: no child outlives its launcher.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) name: &'static str,
    pub(super) ready: Ready,
    /// From the start of the process to its `ready`.
    pub(super) started_in: Duration,
    process: process::Child,
    input: Option<ChildStdin>,
    log: Log,
    readers: JoinSet<()>,
}

impl Child {
    /// Starts `tracewalk NAME ARGUMENTS` and waits until it serves.
    ///
    /// # Errors
    /// When it cannot be started, ends, or is not ready in time; with its last log lines.
    pub(super) async fn start(
        name: &'static str,
        arguments: &[String],
        otlp: SocketAddr,
        log: &Log,
    ) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let mut process = command(name, arguments, otlp)?
            .spawn()
            .with_context(|| format!("cannot start the process of {name}"))?;
        let input = process.stdin.take();
        let (lines, mut news) = mpsc::channel(1);
        let stdout = process.stdout.take().context("standard output is a pipe")?;
        let stderr = process.stderr.take().context("standard error is a pipe")?;
        let mut readers = JoinSet::new();
        readers.spawn(follow(name, stdout, log.clone(), Some(lines)));
        readers.spawn(follow(name, stderr, log.clone(), None));
        let ready = match timeout(START, news.recv()).await {
            Ok(Some(ready)) => ready,
            Ok(None) => {
                let status = timeout(FLUSH, process.wait()).await.context("it hangs")??;
                while readers.join_next().await.is_some() {}
                bail!("{name} {}", death(status, log));
            }
            Err(_) => bail!("{name} does not serve after {START:?}{}", last_lines(log)),
        };
        Ok(Self {
            name,
            ready,
            started_in: begin.elapsed(),
            process,
            input,
            log: log.clone(),
            readers,
        })
    }

    /// Waits for the end of the process; returns how it ended, with the last log lines.
    pub(super) async fn died(&mut self) -> String {
        let ended = self.process.wait().await;
        self.read_to_end().await;
        match ended {
            Ok(status) => format!("{} {}", self.name, death(status, &self.log)),
            Err(error) => format!("{} cannot be watched: {error}", self.name),
        }
    }

    /// Asks the child to end its calls and flush its spans, and waits for it.
    ///
    /// # Errors
    /// When it has to be killed, or ends with another code than 0.
    pub(super) async fn drain(&mut self, grace: Duration) -> anyhow::Result<()> {
        drop(self.input.take());
        self.ended(grace).await
    }

    /// Waits for the end of a child that was asked for it.
    ///
    /// # Errors
    /// As [`drain`](Self::drain).
    pub(super) async fn ended(&mut self, grace: Duration) -> anyhow::Result<()> {
        let max_wait = grace.saturating_add(FLUSH);
        let Ok(status) = timeout(max_wait, self.process.wait()).await else {
            self.process.kill().await?;
            bail!("{} did not stop in {max_wait:?} and was killed", self.name);
        };
        self.read_to_end().await;
        let status = status?;
        anyhow::ensure!(
            status.success(),
            "{} {}",
            self.name,
            death(status, &self.log)
        );
        Ok(())
    }

    /// Lets it die at once.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub(super) async fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill().await?;
        self.read_to_end().await;
        Ok(())
    }

    /// Waits for the last lines of a process that has ended: they may still be in the pipes.
    async fn read_to_end(&mut self) {
        let all = async { while self.readers.join_next().await.is_some() {} };
        // Another process may hold the pipes open: this does not wait for it.
        drop(timeout(FLUSH, all).await);
    }

    /// The id of its process; `None` when it has ended.
    pub(super) fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// The ledger of its spans, which it logs at its end.
    pub(super) fn ledger(&self) -> Option<Ledger> {
        Ledger::find(&self.log.last())
    }
}

/// How a child ended. If the child has printed its error, no lines of its log are added.
fn death(status: ExitStatus, log: &Log) -> String {
    let lines = log.last();
    match lines.last().and_then(|line| line.strip_prefix("error: ")) {
        Some(mistake) if !status.success() => format!("could not go on: {mistake}"),
        _ => format!("ended with {status}{}", last_lines(log)),
    }
}

fn last_lines(log: &Log) -> String {
    let lines = log.last();
    if lines.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    let path = log.path();
    format!(
        "; the last lines of {}:\n  {}",
        path.display(),
        lines.join("\n  ")
    )
}
