//! The stack that a scenario is played on.

use anyhow::Context as _;
use tokio::time::timeout;
use tonic::transport::Channel;
use transport::inject_fault::Fault;

use crate::{
    check::Page,
    client::{self, Admin, Bearer, Caller, FaultArgs, Target, Uri},
};

/// Where it is, and how it is called.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) target: Target,
    admin: Admin,
    pub(super) channel: Channel,
    bearer: Bearer,
}

/// What the services say of themselves.
#[derive(Debug, Default)]
pub(super) struct Pages(Vec<(&'static str, Page)>);

impl Stage {
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
            target,
            admin,
        })
    }

    /// Who calls, and asks for these faults.
    ///
    /// # Errors
    /// When the gateway takes no faults.
    pub(super) async fn caller(&self, faults: &[Fault]) -> anyhow::Result<Caller> {
        let baggage = FaultArgs::new(faults.to_vec()).baggage(&self.channel);
        Ok(Caller::new(self.bearer.clone(), baggage.await?))
    }

    /// Reads the metrics of these services.
    ///
    /// # Errors
    /// When one of them does not give them.
    pub(super) async fn pages(&self, services: &[&str]) -> anyhow::Result<Pages> {
        let mut pages = Vec::new();
        for (service, flag, urls) in self.admin.services() {
            for url in urls.iter().filter(|_| services.contains(&service)) {
                let text = self.read(url).await;
                let text = text.with_context(|| format!("no metrics of {service} ({flag})"))?;
                pages.push((service, Page::parse(&text)));
            }
        }
        Ok(Pages(pages))
    }

    async fn read(&self, url: &Uri) -> anyhow::Result<String> {
        let url = url.to_string();
        let url = format!("{}/metrics", url.trim_end_matches('/'));
        let url = url.parse().context("the address has an unusable path")?;
        let patience = self.target.timeout;
        let text = timeout(patience, client::get_text(url)).await;
        text.with_context(|| format!("no answer in {patience:?}"))?
    }
}

impl Pages {
    /// Those of one service.
    pub(super) fn of(&self, service: &str) -> impl Iterator<Item = &Page> {
        let pages = self.0.iter().filter(move |(of, _)| *of == service);
        pages.map(|(_, page)| page)
    }
}
