use std::path::Path;

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{Action, Done, Reply, Request, Running, Setup, socket};

/// A connection to the launcher, which undoes what was changed over it when it is closed.
#[derive(Debug)]
pub(crate) struct Control {
    replies: Lines<BufReader<OwnedReadHalf>>,
    requests: OwnedWriteHalf,
}

impl Control {
    /// Connects to the launcher of the stack whose gateway has this port.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn open(data_dir: &Path, gateway_port: u16) -> anyhow::Result<Self> {
        let path = socket(data_dir, gateway_port);
        let stream = UnixStream::connect(&path).await;
        let stream = stream.with_context(|| format!("no launcher at {}", path.display()))?;
        let (replies, requests) = stream.into_split();
        Ok(Self {
            replies: BufReader::new(replies).lines(),
            requests,
        })
    }

    /// Says which scenario is played.
    ///
    /// # Errors
    /// When the launcher is gone.
    pub(crate) async fn play(&mut self, name: &str) -> anyhow::Result<()> {
        self.ask(&Request::Play(name.to_owned())).await.map(drop)
    }

    /// Has the services run so.
    ///
    /// # Errors
    /// When they cannot, or the launcher is gone.
    pub(crate) async fn set_up(&mut self, setup: Setup) -> anyhow::Result<Running> {
        match self.ask(&Request::SetUp(setup)).await? {
            Reply::Running(running) => Ok(running),
            other => bail!("the launcher answers {other:?}"),
        }
    }

    /// Does something to a process.
    ///
    /// # Errors
    /// When that cannot be done, or the launcher is gone.
    pub(crate) async fn act(&mut self, action: Action) -> anyhow::Result<Done> {
        match self.ask(&Request::Act(action)).await? {
            Reply::Done(done) => Ok(done),
            other => bail!("the launcher answers {other:?}"),
        }
    }

    /// Undoes what was done to processes.
    ///
    /// # Errors
    /// When one does not start, or the launcher is gone.
    pub(crate) async fn restore(&mut self) -> anyhow::Result<()> {
        self.ask(&Request::Restore).await.map(drop)
    }

    /// Waits until all is undone.
    ///
    /// # Errors
    /// When the launcher is gone.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.requests.shutdown().await?;
        let end = self.replies.next_line().await?;
        anyhow::ensure!(end.is_none(), "the launcher answers without a question");
        Ok(())
    }

    async fn ask(&mut self, request: &Request) -> anyhow::Result<Reply> {
        let line = serde_json::to_string(request)? + "\n";
        self.requests.write_all(line.as_bytes()).await?;
        let reply = self.replies.next_line().await?;
        let reply = reply.context("the launcher has ended")?;
        match serde_json::from_str(&reply)? {
            Reply::Refused(why) => bail!("{why}"),
            reply => Ok(reply),
        }
    }
}
