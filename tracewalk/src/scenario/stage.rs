//! The stack as a scenario needs it: changed through its launcher, and as before in the end.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use tokio::sync::watch;

use super::{environment::Environment, file::Scenario, judge::Verdict};
use crate::{
    client::Uri,
    control::{Action, Control},
    output,
};

/// The changed stack. It is as before when this is closed, or when this process ends.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) environment: Environment,
    /// `None` where there is no launcher, and nothing is changed.
    control: Option<Control>,
}

impl Stage {
    /// Has the stack run as the scenario needs it.
    ///
    /// # Errors
    /// When there is no launcher, or the services do not run so.
    pub(super) async fn open(
        scenario: &Scenario,
        environment: &Environment,
        data_dir: &Path,
    ) -> anyhow::Result<Self> {
        let opened = launcher(data_dir, &environment.target.gateway).await;
        if !scenario.needs_launcher() {
            let mut control = opened.ok();
            if let Some(control) = &mut control {
                control.play(&scenario.name).await?;
            }
            return Ok(Self {
                environment: environment.clone(),
                control,
            });
        }
        let mut control = opened?;
        control.play(&scenario.name).await?;
        let running = control.set_up(scenario.setup.clone()).await?;
        let sign = |keys| scenario.token.as_ref().map(|token| token.sign(keys));
        let token = running.keys.as_deref().and_then(sign).transpose()?;
        Ok(Self {
            environment: environment.changed(&running, token).await?,
            control: Some(control),
        })
    }

    /// Does all that is to be done to processes, each once as many calls have ended as it says; what was
    /// seen of it.
    ///
    /// # Errors
    /// When something cannot be done.
    pub(super) async fn act(
        &mut self,
        actions: &[Action],
        mut ended: watch::Receiver<u32>,
    ) -> anyhow::Result<Vec<Verdict>> {
        let mut verdicts = Vec::new();
        for action in actions {
            // No more calls end when the sender is gone.
            let _ = ended.wait_for(|ended| *ended >= action.after).await;
            let control = self.control.as_mut();
            let control = control.context("a scenario with processes has a launcher")?;
            let done = control.act(action.clone()).await;
            let done = done.with_context(|| format!("cannot do `{action}`"))?;
            verdicts.push(Verdict::new(action, done.is_well, done.seen));
        }
        Ok(verdicts)
    }

    /// Undoes what was done to processes.
    ///
    /// # Errors
    /// When one does not start again.
    pub(super) async fn restore(&mut self) -> anyhow::Result<()> {
        match &mut self.control {
            Some(control) => control.restore().await,
            None => Ok(()),
        }
    }

    /// Waits until the stack is as before.
    ///
    /// # Errors
    /// When the launcher is gone.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self.control {
            Some(control) => control.close().await,
            None => Ok(()),
        }
    }
}

/// Connects to the launcher of this stack.
///
/// # Errors
/// When there is none: with Docker, or on another machine.
pub(super) async fn launcher(data_dir: &Path, gateway: &Uri) -> anyhow::Result<Control> {
    let port = gateway.port_u16().context("the gateway has a port")?;
    let opened = Control::open(data_dir, port).await;
    opened.context("only `tracewalk up` with the same --data-dir can be changed by a scenario")
}

/// Why a scenario cannot be played on a stack without a launcher, and what to do by hand.
pub(super) fn cannot_play(scenario: &Scenario, why: &anyhow::Error) -> anyhow::Error {
    let name = &scenario.name;
    let why = output::with_causes(why);
    let by_hand = scenario.processes.iter().map(Action::with_docker);
    match by_hand.collect::<Option<Vec<_>>>() {
        Some(commands) if !commands.is_empty() => {
            let commands = commands.join("; ");
            anyhow!(
                "{name} does something to processes: {why}; with Docker, beside \
                 `tracewalk load --rps 50`: {commands}"
            )
        }
        _ => anyhow!("{name} changes how the services run: {why}"),
    }
}
