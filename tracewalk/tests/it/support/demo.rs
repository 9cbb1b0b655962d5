use std::net::SocketAddr;

use tempfile::TempDir;

use super::{Caller, Collector, Process};

/// The three services as processes on free ports, and a collector; stopped when dropped.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) gateway: Process,
    pub(crate) user: Process,
    pub(crate) profile: Process,
    pub(crate) collector: Collector,
    _data: TempDir,
}

impl Demo {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these variables in the environment of each service.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_over(None, variables).await
    }

    /// With a server of the test in the place of the profile service, which runs and is not called.
    pub(crate) async fn start_over(
        last_hop: Option<SocketAddr>,
        variables: &[(&str, &str)],
    ) -> Self {
        let collector = Collector::start();
        let data = tempfile::tempdir().expect("a temporary folder");
        let service = |name: &str, flags: &[&str]| {
            let database = format!("sqlite:{}", data.path().join(name).display());
            let mut words = flags.to_vec();
            if name != "gateway" {
                words.extend(["--database-url", &database]);
            }
            Process::service(name, &collector.endpoint, &words, variables)
        };
        let profile = service("profile", &[]);
        let last_hop = match last_hop {
            Some(address) => address,
            None => profile.address("grpc").await,
        };
        let target = format!("static:///{last_hop}");
        let user = service("user", &["--profile", &target]);
        let target = format!("static:///{}", user.address("grpc").await);
        let gateway = service("gateway", &["--user", &target]);
        gateway.address("grpc").await;
        Self {
            gateway,
            user,
            profile,
            collector,
            _data: data,
        }
    }

    /// A client of the gateway.
    pub(crate) async fn caller(&self) -> Caller {
        Caller::connect(self.gateway.address("grpc").await).await
    }

    /// The HTTP/JSON listener.
    pub(crate) async fn http(&self) -> SocketAddr {
        self.gateway.address("http").await
    }

    pub(crate) fn services(&self) -> [&Process; 3] {
        [&self.gateway, &self.user, &self.profile]
    }

    /// Ends the services from the head of the chain, as the launcher does, with their exit codes.
    pub(crate) async fn stop(&mut self) -> [Option<i32>; 3] {
        let mut codes = [None; 3];
        let services = [&mut self.gateway, &mut self.user, &mut self.profile];
        for (service, code) in services.into_iter().zip(&mut codes) {
            service.close_input();
            *code = service.ended().await;
        }
        codes
    }
}
