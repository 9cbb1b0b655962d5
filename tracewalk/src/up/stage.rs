//! What a scenario changes about the stack, and how it is undone.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::{
    arguments::Arguments,
    chain::{Chain, target},
    config::Up,
    control::{Asked, Control},
    identity::Identity,
    service::Service,
};
use crate::{
    control::{Action, Done, Process, Reply, Request, Running, Setup, Signal},
    embedded::Backends,
};

/// The job of the replicas that a scenario has added: they belong to no stack that is well without them.
const REPLICAS: &str = "scenario";

/// The series that says which scenario is played: the dashboards show it.
const PLAYING: &str = "scenario_playing";

/// How many processes of the profile service a scenario may ask for.
const MAX_PROFILES: usize = 3;

/// The parts of the stack that can be changed.
pub(super) struct Stage<'a> {
    pub(super) up: &'a Up,
    pub(super) identity: &'a Identity,
    pub(super) backends: &'a Backends,
    pub(super) chain: &'a mut Chain,
}

impl Stage<'_> {
    /// Does what a caller asks for, and answers.
    ///
    /// # Errors
    /// When something cannot be undone: the stack is not whole any more.
    pub(super) async fn answer(
        &mut self,
        asked: Asked,
        control: &mut Control,
    ) -> anyhow::Result<()> {
        let answer = match asked {
            Asked::HungUp => {
                let undone = self.undo().await;
                if let Some(name) = control.playing.take() {
                    self.backends.metrics.end(PLAYING, &[("scenario", &name)]);
                }
                control.hang_up();
                return undone;
            }
            Asked::Nonsense(why) => Err(anyhow::Error::msg(why)),
            Asked::Request(Request::Play(name)) => {
                self.backends.metrics.begin(PLAYING, &[("scenario", &name)]);
                control.playing = Some(name);
                Ok(Reply::Done(Done::well("")))
            }
            Asked::Request(Request::SetUp(setup)) => self.set_up(&setup).await.map(Reply::Running),
            Asked::Request(Request::Act(action)) => self.act(&action).await.map(Reply::Done),
            Asked::Request(Request::Restore) => {
                self.restore().await?;
                Ok(Reply::Done(Done::well("")))
            }
        };
        let refused = |error| Reply::Refused(crate::output::with_causes(&error));
        control.reply(&answer.unwrap_or_else(refused)).await;
        Ok(())
    }

    /// Runs the services so.
    async fn set_up(&mut self, setup: &Setup) -> anyhow::Result<Running> {
        ensure!(
            setup.profiles <= MAX_PROFILES,
            "expected at most {MAX_PROFILES} processes of profile"
        );
        while self.chain.profiles().count() < setup.profiles {
            let replica = self.chain.add_replica().await?;
            self.backends.metrics.add(target(REPLICAS, replica));
        }
        let keys = if setup.tokens {
            Some(self.identity.keys_for_a_while(&self.up.data_dir)?)
        } else {
            self.identity.keys.clone()
        };
        let has_list = setup.profiles > 1 && self.up.register.is_none();
        let profiles = has_list.then(|| self.chain.profiles_target());
        let of_user = |arguments: Arguments| {
            arguments
                .flag_if("--profile", profiles.as_ref())
                .flag_if("--profile-policy", setup.profile_policy.as_ref())
                .flag_if("--baggage", setup.baggage.as_ref())
        };
        let of_gateway = |arguments: Arguments| {
            arguments
                .flag_if("--auth", keys.as_deref().map(Path::display).as_ref())
                .flag_if("--rate-limit", setup.rate_limit.as_ref())
                .flag_if("--baggage", setup.baggage.as_ref())
        };
        let grace = self.up.grace;
        self.chain.user.run_with(of_user, grace).await?;
        self.chain.gateway.run_with(of_gateway, grace).await?;
        Ok(Running {
            profile_admin: self.chain.profiles().map(|it| it.ready.admin).collect(),
            keys,
        })
    }

    /// Does something to a process.
    async fn act(&mut self, action: &Action) -> anyhow::Result<Done> {
        let (name, replica) = match &action.process {
            Process::Of(name, replica) => (name, *replica),
            Process::Collector if action.signal == Signal::Stop => {
                self.backends.gate.set_open(false);
                return Ok(Done::well(""));
            }
            Process::Collector => bail!("the collector can only be stopped"),
        };
        let grace = self.up.grace;
        let mut services = self.chain.services().filter(|it| it.name == name);
        let service = replica.checked_sub(1).and_then(|place| services.nth(place));
        let service = service.with_context(|| format!("there is no {name} {replica}"))?;
        match action.signal {
            Signal::Term => {
                let ledger = service.replace(grace).await?;
                return Ok(Done {
                    is_well: ledger.has_lost_nothing(),
                    seen: format!("exit code 0, spans: {ledger}"),
                });
            }
            Signal::Kill => service.kill().await?,
            Signal::Stop => service.stop()?,
            Signal::Slow => service.slow_down()?,
        }
        // Its spans have the one address, its metrics the other.
        let ready = &service.ready;
        let addresses = format!("{}, metrics {}", ready.grpc, ready.admin);
        Ok(Done::well(&addresses))
    }

    /// Undoes what was done to processes.
    async fn restore(&mut self) -> anyhow::Result<()> {
        self.backends.gate.set_open(true);
        for service in self.chain.services() {
            service.restore().await?;
        }
        Ok(())
    }

    /// Runs everything as usual again.
    async fn undo(&mut self) -> anyhow::Result<()> {
        self.restore().await?;
        let grace = self.up.grace;
        let as_usual = |arguments: Arguments| arguments;
        self.chain.user.run_with(as_usual, grace).await?;
        self.chain.gateway.run_with(as_usual, grace).await?;
        while let Some(mut replica) = self.chain.replicas.pop() {
            self.backends.metrics.remove(&target(REPLICAS, &replica));
            replica.end(grace).await?;
        }
        Ok(())
    }
}

/// Lets everything run that a scenario has stopped: what stands still cannot end.
pub(super) fn let_run(chain: &mut Chain, backends: &Backends) {
    backends.gate.set_open(true);
    chain.services().for_each(Service::go_on);
}
