use std::{
    future::pending,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use backends::metrics::Target;
use tokio::select;

use super::{
    arguments::Arguments, config::Up, identity::Identity, log::Log, progress::Progress,
    service::Service,
};
use crate::embedded::{Backends, SCRAPE_JOB};

/// The three services as child processes.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) gateway: Service,
    pub(super) user: Service,
    pub(super) profile: Service,
    /// Further processes of the profile service, for as long as somebody asks for them.
    pub(super) replicas: Vec<Service>,
    logs: PathBuf,
}

impl Chain {
    /// Starts the last hop first, so that nobody calls a service that is not there yet.
    ///
    /// # Errors
    /// For the first child that does not serve. Those before it die with the dropped handles.
    pub(super) async fn start(
        up: &Up,
        identity: &Identity,
        otlp: SocketAddr,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let logs = folder_of_logs(&up.data_dir)?;
        let start = async |name, mut arguments: Arguments| {
            for (flag, value) in identity.flags(name) {
                arguments = arguments.flag(flag, &value);
            }
            if let Some(etcd) = &up.register {
                arguments = arguments.flag("--register", etcd);
            }
            let service = Service::start(name, arguments, otlp, log(&logs, name)?).await?;
            progress.done(name, service.started_in)?;
            anyhow::Ok(service)
        };
        let target = |service, address| match &up.register {
            Some(etcd) => format!("{etcd}{service}"),
            None => format!("static:///{address}"),
        };
        let listen = &up.listen;
        let arguments = Arguments::new(listen.profile, listen.profile_admin, up.grace)
            .database(&up.data_dir.join("profile.db"))?
            .flag("--events", &up.events);
        let profile = start("profile", arguments).await?;
        let arguments = Arguments::new(listen.user, listen.user_admin, up.grace)
            .database(&up.data_dir.join("user.db"))?
            .flag("--events", &up.events)
            .flag("--profile", &target("profile", profile.ready.grpc));
        let user = start("user", arguments).await?;
        let arguments = Arguments::new(listen.gateway, listen.gateway_admin, up.grace)
            .flag("--http-listen", &listen.http)
            .flag("--user", &target("user", user.ready.grpc));
        let gateway = start("gateway", arguments).await?;
        Ok(Self {
            gateway,
            user,
            profile,
            replicas: Vec::new(),
            logs,
        })
    }

    /// Has the services scraped by the names that the dashboards know, and serves these.
    pub(super) fn show(&self, up: &Up, backends: &mut Backends) {
        // If port 0 was asked for, the gateway has a real port by now.
        let mut http = up.listen.http;
        http.set_port(self.gateway.ready.http.map_or(http.port(), |it| it.port()));
        backends.show(Some(http));
        for service in [&self.gateway, &self.user, &self.profile] {
            backends.metrics.add(target(SCRAPE_JOB, service));
        }
    }

    /// Starts a further process of the profile service, with a log of its own.
    ///
    /// # Errors
    /// When it does not serve.
    pub(super) async fn add_replica(&mut self) -> anyhow::Result<&Service> {
        let name = format!("profile-{}", self.replicas.len() + 2);
        let replica = self.profile.replica(log(&self.logs, &name)?).await?;
        self.replicas.push(replica);
        self.replicas.last().context("one was added")
    }

    /// All processes of the profile service.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &Service> {
        [&self.profile].into_iter().chain(&self.replicas)
    }

    /// All processes of the profile service, as callers are told.
    pub(super) fn profiles_target(&self) -> String {
        let profiles = self.profiles().map(|it| it.ready.grpc.to_string());
        format!("static:///{}", profiles.collect::<Vec<_>>().join(","))
    }

    /// All services, the head of the chain first.
    pub(super) fn services(&mut self) -> impl Iterator<Item = &mut Service> {
        let Self {
            gateway,
            user,
            profile,
            replicas,
            ..
        } = self;
        [gateway, user, profile].into_iter().chain(replicas)
    }

    /// Waits until a child ends by itself, and says how.
    pub(super) async fn died(&mut self) -> String {
        let replicas = async {
            match &mut self.replicas[..] {
                [] => pending().await,
                [one] => one.died().await,
                [one, two, ..] => select! {
                    report = one.died() => report,
                    report = two.died() => report,
                },
            }
        };
        select! {
            report = self.gateway.died() => report,
            report = self.user.died() => report,
            report = self.profile.died() => report,
            report = replicas => report,
        }
    }

    /// The children in the order of the chain, so that none calls a service that has stopped.
    pub(super) fn into_drain_order(self) -> impl Iterator<Item = Service> {
        let chain = [self.gateway, self.user, self.profile];
        chain.into_iter().chain(self.replicas)
    }
}

/// The metrics page of a service, with the labels that the dashboards know.
pub(super) fn target(job: &str, service: &Service) -> Target {
    let labels = [("service_name", service.name)];
    Target::new(job, &service.ready.admin.to_string(), &labels)
}

fn folder_of_logs(data_dir: &Path) -> anyhow::Result<PathBuf> {
    let logs = data_dir.join("logs");
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("cannot make the folder {} (--data-dir)", logs.display()))?;
    Ok(logs)
}

/// The log of a process, empty.
fn log(logs: &Path, name: &str) -> anyhow::Result<Log> {
    let path = logs.join(name).with_extension("log");
    Log::create(&path).with_context(|| format!("cannot write {}", path.display()))
}
