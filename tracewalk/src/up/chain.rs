use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context as _;
use backends::metrics::Target;

use super::{child::Child, config::Up, identity::Identity, progress::Progress};
use crate::embedded::{Backends, SCRAPE_JOB};

/// The three services as child processes.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) gateway: Child,
    pub(super) user: Child,
    pub(super) profile: Child,
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
        let logs = up.data_dir.join("logs");
        std::fs::create_dir_all(&logs)
            .with_context(|| format!("cannot make the folder {} (--data-dir)", logs.display()))?;
        let start = async |name, mut arguments: Arguments| {
            arguments.0.extend(identity.flags(name));
            if let Some(etcd) = &up.register {
                arguments = arguments.flag("--register", etcd);
            }
            let child = Child::start(name, &arguments.0, otlp, &logs).await?;
            progress.done(name, child.started_in)?;
            anyhow::Ok(child)
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
        })
    }

    /// Has the services scraped by the names that the dashboards know, and serves these.
    pub(super) fn show(&self, up: &Up, backends: &mut Backends) {
        // If port 0 was asked for, the gateway has a real port by now.
        let mut http = up.listen.http;
        http.set_port(self.gateway.ready.http.map_or(http.port(), |it| it.port()));
        backends.show(Some(http));
        for child in [&self.gateway, &self.user, &self.profile] {
            let labels = [("service_name", child.name)];
            let target = Target::new(SCRAPE_JOB, &child.ready.admin.to_string(), &labels);
            backends.metrics.add(target);
        }
    }

    /// Waits until a child ends by itself, and says how.
    pub(super) async fn died(&mut self) -> String {
        tokio::select! {
            report = self.gateway.died() => report,
            report = self.user.died() => report,
            report = self.profile.died() => report,
        }
    }

    /// The children in the order of the chain, so that none calls a service that has stopped.
    pub(super) fn into_drain_order(self) -> [Child; 3] {
        [self.gateway, self.user, self.profile]
    }
}

/// The command line of a child. Every address is given, so that no variable of the environment can
/// send all three to one place.
#[derive(Debug)]
struct Arguments(Vec<String>);

impl Arguments {
    fn new(listen: SocketAddr, admin_listen: SocketAddr, grace: Duration) -> Self {
        Self(Vec::new())
            .flag("--listen", &listen)
            .flag("--admin-listen", &admin_listen)
            .flag("--grace", &humantime::format_duration(grace))
            .faults()
            .flag("--capture-metadata", &"traceparent,baggage")
    }

    /// # Errors
    /// When the path is not UTF-8, which the database URL must be.
    fn database(self, path: &Path) -> anyhow::Result<Self> {
        let path = path
            .to_str()
            .with_context(|| format!("expected UTF-8 as --data-dir, found {}", path.display()))?;
        Ok(self.flag("--database-url", &format!("sqlite://{path}")))
    }

    /// Allows faults: this is a demonstration, and it listens on this machine alone.
    fn faults(mut self) -> Self {
        self.0.push("--faults".to_owned());
        self
    }

    fn flag(mut self, name: &str, value: &impl ToString) -> Self {
        self.0.extend([name.to_owned(), value.to_string()]);
        self
    }
}
