//! What signals do to the process of a service: it stands still, is slow, goes on.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{task::JoinSet, time::sleep};

use super::Service;

/// How long a slow process stands still, and how long it runs in between.
///
/// Less than the 250 ms after which the callers ask whether a server is well: it is slow, not away.
const STILL: Duration = Duration::from_millis(150);
const RUNS: Duration = Duration::from_millis(30);

impl Service {
    /// Lets its process stand still.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::up) fn stop(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets its process stand still most of the time.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::up) fn slow_down(&mut self) -> anyhow::Result<()> {
        let pid = self.process()?;
        self.slowing.spawn(async move {
            // The task is gone before the process is waited for, so the id is that of our child.
            while kill_process(pid, Signal::STOP).is_ok() {
                sleep(STILL).await;
                if kill_process(pid, Signal::CONT).is_err() {
                    break;
                }
                sleep(RUNS).await;
            }
        });
        Ok(())
    }

    /// Lets its process run again.
    pub(in crate::up) fn go_on(&mut self) {
        self.slowing.abort_all();
        self.slowing = JoinSet::new();
        // Where there is no process, nothing stands still.
        let _ = self.signal(Signal::CONT);
    }

    pub(super) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.process()?, signal)
            .with_context(|| format!("cannot signal {}", self.name))
    }

    fn process(&self) -> anyhow::Result<Pid> {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok());
        let pid = pid.and_then(Pid::from_raw);
        pid.ok_or_else(|| anyhow!(self.has_no_process()))
    }
}
