//! A service of the chain, over all its processes: replaced, changed, killed and started again.

mod signals;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use rustix::process::Signal;
use tokio::task::JoinSet;

use super::{
    arguments::Arguments,
    child::{Child, Ready},
    ledger::Ledger,
    log::Log,
};

/// A service of the chain: its process, or how to start another one in its place.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) ready: Ready,
    /// From the start of its first process to its `ready`.
    pub(super) started_in: Duration,
    /// `None` after it was ended on purpose.
    child: Option<Child>,
    arguments: Arguments,
    /// As it runs when nobody asks for anything else.
    usual: Arguments,
    otlp: SocketAddr,
    log: Log,
    /// Stops and continues the process of a slow service.
    slowing: JoinSet<()>,
    /// The spans of the processes that have ended; `None` when one could not say it.
    ledger: Option<Ledger>,
}

impl Service {
    /// Starts its first process.
    ///
    /// # Errors
    /// As [`Child::start`].
    pub(super) async fn start(
        name: &'static str,
        arguments: Arguments,
        otlp: SocketAddr,
        log: Log,
    ) -> anyhow::Result<Self> {
        let child = Child::start(name, arguments.words(), otlp, &log).await?;
        let arguments = arguments.at(&child.ready);
        Ok(Self {
            name,
            ready: child.ready,
            started_in: child.started_in,
            child: Some(child),
            usual: arguments.clone(),
            arguments,
            otlp,
            log,
            slowing: JoinSet::new(),
            ledger: Some(Ledger::default()),
        })
    }

    /// Another process of the same service beside it, on free ports.
    ///
    /// # Errors
    /// As [`Child::start`].
    pub(super) async fn replica(&self, log: Log) -> anyhow::Result<Self> {
        let any = "127.0.0.1:0";
        let arguments = self.usual.clone();
        let arguments = arguments
            .flag("--listen", &any)
            .flag("--admin-listen", &any);
        Self::start(self.name, arguments, self.otlp, log).await
    }

    /// The id of its process; `None` when it has none.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::pid)
    }

    /// Waits until its process ends by itself, and says how.
    pub(super) async fn died(&mut self) -> String {
        let Some(child) = &mut self.child else {
            return std::future::pending().await;
        };
        let report = child.died().await;
        self.slowing.abort_all();
        report
    }

    /// Runs so from here on: in another process, if that makes a difference.
    ///
    /// # Errors
    /// When the process does not end well, or the next one does not start.
    pub(super) async fn run_with(
        &mut self,
        change: impl Fn(Arguments) -> Arguments,
        grace: Duration,
    ) -> anyhow::Result<()> {
        let arguments = change(self.usual.clone());
        if arguments == self.arguments {
            return Ok(());
        }
        self.arguments = arguments;
        self.end(grace).await?;
        self.revive().await
    }

    /// Asks its process to end by SIGTERM, and starts the next one; how the first has ended.
    ///
    /// # Errors
    /// When there is no process, it does not end well, or the next one does not start.
    pub(super) async fn replace(&mut self, grace: Duration) -> anyhow::Result<Ledger> {
        self.go_on();
        self.signal(Signal::TERM)?;
        // It is asked once: a second time would be to end without its calls.
        let mut child = self.child.take().with_context(|| self.has_no_process())?;
        let ended = child.ended(grace).await;
        let ledger = self.keep_ledger(&child);
        self.revive().await?;
        ended?;
        ledger.context("it did not say where its spans are")
    }

    /// Ends its process, which may answer the calls that it has.
    ///
    /// # Errors
    /// When it has to be killed, or ends with another code than 0.
    pub(super) async fn end(&mut self, grace: Duration) -> anyhow::Result<Option<Ledger>> {
        self.go_on();
        let Some(mut child) = self.child.take() else {
            return Ok(None);
        };
        let ended = child.drain(grace).await;
        let ledger = self.keep_ledger(&child);
        ended.map(|()| ledger)
    }

    /// Adds the spans of a process that has ended.
    fn keep_ledger(&mut self, child: &Child) -> Option<Ledger> {
        let ledger = child.ledger();
        self.ledger = self.ledger.zip(ledger).map(|(sum, it)| sum.plus(it));
        ledger
    }

    /// Lets its process die at once.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        self.slowing.abort_all();
        let child = self.child.take();
        self.ledger = None;
        child.with_context(|| self.has_no_process())?.kill().await
    }

    /// Undoes what was done to its process.
    ///
    /// # Errors
    /// When another one does not start.
    pub(super) async fn restore(&mut self) -> anyhow::Result<()> {
        self.go_on();
        self.revive().await
    }

    /// Where all its spans have gone; `None` if a process could not say it.
    pub(super) fn ledger(&self) -> Option<Ledger> {
        self.ledger
    }

    /// Starts a process where there is none.
    async fn revive(&mut self) -> anyhow::Result<()> {
        if self.child.is_none() {
            let child = Child::start(self.name, self.arguments.words(), self.otlp, &self.log);
            self.child = Some(child.await?);
        }
        Ok(())
    }

    fn has_no_process(&self) -> String {
        format!("{} has no process", self.name)
    }
}
