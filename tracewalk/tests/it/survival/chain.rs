use std::net::SocketAddr;

use crate::support::{Collector, Process};

const ANY: &str = "127.0.0.1:0";

/// The chain as processes with their data in memory, and as many of each service as are wanted.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) gateway: Process,
    pub(crate) users: Vec<Process>,
    pub(crate) profiles: Vec<Process>,
    pub(crate) collector: Collector,
}

/// What is different from one of each with its defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) users: usize,
    pub(crate) profiles: usize,
    /// A server of the test, in the place of the profile service.
    pub(crate) last_hop: Option<SocketAddr>,
    /// Words for the gateway.
    pub(crate) gateway: &'a [&'a str],
    /// Words for each user service.
    pub(crate) user: &'a [&'a str],
    /// What stands behind each profile service in the target, as `;weight=3`.
    pub(crate) weights: &'a [&'a str],
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self {
            users: 1,
            profiles: 1,
            last_hop: None,
            gateway: &[],
            user: &[],
            weights: &[],
        }
    }
}

impl Chain {
    /// One of each service.
    pub(crate) async fn start() -> Self {
        Self::of(Plan::default()).await
    }

    /// With a server of the test as the last hop.
    pub(crate) async fn over(last_hop: SocketAddr) -> Self {
        Self::of(Plan {
            profiles: 0,
            last_hop: Some(last_hop),
            ..Plan::default()
        })
        .await
    }

    pub(crate) async fn of(plan: Plan<'_>) -> Self {
        let collector = Collector::start();
        let mut profiles = Vec::new();
        for _ in 0..plan.profiles {
            profiles.push(start(&collector, "profile", ANY, &[]));
        }
        let target = match plan.last_hop {
            Some(address) => format!("static:///{address}"),
            None => target(&profiles, plan.weights).await,
        };
        let flags = [&["--profile", &target], plan.user].concat();
        let mut users = Vec::new();
        for _ in 0..plan.users {
            users.push(start(&collector, "user", ANY, &flags));
        }
        let target = target_of(&users).await;
        let flags = ["--user", &target];
        let gateway = start(&collector, "gateway", ANY, &[&flags, plan.gateway].concat());
        gateway.address("grpc").await;
        Self {
            gateway,
            users,
            profiles,
            collector,
        }
    }

    /// A new process in the place of one that has ended, at its address.
    pub(crate) async fn replace(&self, process: &mut Process, flags: &[&str]) {
        let name = process.name.clone();
        let address = process.address("grpc").await.to_string();
        *process = start(&self.collector, &name, &address, flags);
        process.address("grpc").await;
    }

    /// The calls of `GetProfile` that each profile service has begun to answer.
    pub(crate) async fn calls(&self) -> Vec<u64> {
        let mut calls = Vec::new();
        for profile in &self.profiles {
            calls.push(started(profile, "GetProfile").await);
        }
        calls
    }

    /// Ends all from the head of the chain; each must end well.
    pub(crate) async fn stop(&mut self) {
        let followers = self.users.iter_mut().chain(&mut self.profiles);
        for service in [&mut self.gateway].into_iter().chain(followers) {
            service.close_input();
            assert_eq!(service.ended().await, Some(0), "{}", service.name);
        }
    }
}

/// How many calls of a method a service has begun to answer.
pub(crate) async fn started(service: &Process, method: &str) -> u64 {
    let metrics = service.metrics().await;
    metrics.sum("grpc_rpc_started_total", &[("method", method)])
}

async fn target_of(servers: &[Process]) -> String {
    target(servers, &[]).await
}

/// `static:///…` with all of them.
async fn target(servers: &[Process], weights: &[&str]) -> String {
    let mut list = Vec::new();
    for (index, server) in servers.iter().enumerate() {
        let weight = weights.get(index).copied().unwrap_or_default();
        list.push(format!("{}{weight}", server.address("grpc").await));
    }
    format!("static:///{}", list.join(","))
}

fn start(collector: &Collector, name: &str, listen: &str, flags: &[&str]) -> Process {
    let mut words = [&["--listen", listen], flags].concat();
    if name != "gateway" {
        words.extend(["--database-url", "memory:"]);
    }
    Process::service(name, &collector.endpoint, &words, &[])
}
