//! The stack that a scenario is played on.

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow, ensure};
use prom_text::Page;
use tokio::time::timeout;
use tonic::transport::Channel;

use super::workload::Calls;
use crate::{
    client::{self, Admin, AdminOf, Bearer, Caller, FaultArgs, Target},
    control::Running,
};

/// The addresses of the stack, and how to call it.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) target: Target,
    admin: Admin,
    pub(super) channel: Channel,
    bearer: Bearer,
    /// The token of the calls of a scenario, where it says so.
    token: Option<Bearer>,
}

/// The metrics of the services.
#[derive(Debug, Default)]
pub(super) struct Pages(Vec<OfProcess>);

/// The metrics of a process.
#[derive(Debug)]
struct OfProcess {
    service: &'static str,
    /// Which one of the service, from 1.
    replica: usize,
    page: Page,
}

impl Environment {
    /// Connects to the gateway.
    ///
    /// # Errors
    /// When nobody answers there, or the token cannot be read.
    pub(super) async fn open(target: Target, admin: Admin) -> anyhow::Result<Self> {
        let channels = client::connect_gateway(&target.gateway, 1).await?;
        let channel = channels.into_iter().next();
        Ok(Self {
            channel: channel.context("one connection was asked for")?,
            bearer: target.token.bearer()?,
            token: None,
            target,
            admin,
        })
    }

    /// The same stack after it was changed: over a new connection, as the gateway may be another process.
    ///
    /// # Errors
    /// When the gateway is not there.
    pub(super) async fn changed(
        &self,
        running: &Running,
        token: Option<Bearer>,
    ) -> anyhow::Result<Self> {
        let channels = client::connect_gateway(&self.target.gateway, 1).await?;
        let channel = channels.into_iter().next();
        let profiles = running.profile_admin.iter();
        let profiles = profiles.map(|address| client::parse_url(&address.to_string()));
        let profiles: Result<_, _> = profiles.collect();
        Ok(Self {
            channel: channel.context("one connection was asked for")?,
            admin: self
                .admin
                .clone()
                .with_profile(profiles.map_err(anyhow::Error::msg)?),
            token,
            ..self.clone()
        })
    }

    /// A caller without a fault.
    pub(super) fn plain_caller(&self) -> Caller {
        Caller::new(self.bearer.clone(), None)
    }

    /// The caller of these calls: it asks for their faults.
    ///
    /// # Errors
    /// When the gateway takes no faults.
    pub(super) async fn caller(&self, calls: &Calls) -> anyhow::Result<Caller> {
        self.caller_with(calls, FaultArgs::new(calls.faults.clone()))
            .await
    }

    /// The caller of these calls: it asks for their faults, and for no word about them.
    ///
    /// # Errors
    /// As [`caller`](Self::caller).
    pub(super) async fn hidden_caller(&self, calls: &Calls) -> anyhow::Result<Caller> {
        let faults = FaultArgs::new(calls.faults.clone()).hidden();
        self.caller_with(calls, faults).await
    }

    async fn caller_with(&self, calls: &Calls, faults: FaultArgs) -> anyhow::Result<Caller> {
        let faults = faults.baggage(&self.channel, self.target.timeout).await?;
        let faults = faults.as_ref().and_then(|faults| faults.to_str().ok());
        let entries: Vec<_> = faults.into_iter().chain(calls.baggage.as_deref()).collect();
        let baggage = (!entries.is_empty()).then(|| entries.join(",").parse());
        let bearer = self.token.as_ref().unwrap_or(&self.bearer);
        let caller = Caller::new(bearer.clone(), baggage.transpose()?);
        Ok(if calls.sampled {
            caller
        } else {
            caller.unsampled()
        })
    }

    /// Checks that the trace store answers a small query.
    ///
    /// # Errors
    /// When it does not answer, or is no trace store: no expectation of a span could be checked.
    pub(super) async fn has_traces(&self) -> anyhow::Result<()> {
        let ui = self.target.ui.to_string();
        let url = format!("{}/api/services", ui.trim_end_matches('/'));
        let answer = client::get_json(url.parse().context("the address has an unusable path")?);
        let answer = answer.await.context("no traces (--ui)")?;
        ensure!(
            answer["data"].is_array(),
            "no traces (--ui): {url} is no Jaeger query API"
        );
        Ok(())
    }

    /// Reads the metrics of these services.
    ///
    /// # Errors
    /// When the metrics of a service cannot be read.
    pub(super) async fn pages(&self, services: &[&str]) -> anyhow::Result<Pages> {
        let mut pages = Vec::new();
        let admin = self.admin.services().into_iter();
        for AdminOf {
            service,
            flag,
            urls,
            ..
        } in admin.filter(|it| services.contains(&it.service))
        {
            let no_metrics = || format!("no metrics of {service} ({flag})");
            let mut processes = Vec::new();
            for url in &urls {
                let found = client::addresses(url, self.target.timeout).await;
                processes.extend(
                    found
                        .map_err(|why| anyhow!("{url}: {why}"))
                        .with_context(no_metrics)?,
                );
            }
            for (replica, address) in (1..).zip(processes) {
                let page = self.read(address).await.with_context(no_metrics)?;
                pages.push(OfProcess {
                    service,
                    replica,
                    page,
                });
            }
        }
        Ok(Pages(pages))
    }

    async fn read(&self, address: SocketAddr) -> anyhow::Result<Page> {
        let url = format!("http://{address}/metrics");
        let address = url.parse().context("the address has an unusable path")?;
        let max_wait = self.target.timeout;
        let text = timeout(max_wait, client::get_open_metrics(address)).await;
        let text = text.map_err(|_| anyhow!("no answer in {max_wait:?}"))?;
        let page = Page::parse(&text?);
        // The page of another program would look like counters that do not grow.
        ensure!(!page.is_empty(), "{url} is not a page of metrics");
        Ok(page)
    }
}

impl Pages {
    /// The metrics of one service, a page for each process, or for this one alone.
    pub(super) fn of(&self, service: &str, replica: Option<usize>) -> impl Iterator<Item = &Page> {
        let is_meant = move |it: &&OfProcess| {
            it.service == service && replica.is_none_or(|replica| it.replica == replica)
        };
        self.0.iter().filter(is_meant).map(|it| &it.page)
    }
}
