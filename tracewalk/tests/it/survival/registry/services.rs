//! Services that register in etcd.

use std::time::Duration;

use test_support::etcd::Etcd;

use crate::{
    support::{Collector, Process, until},
    survival::chain::{Chain, started},
};

/// How long a server that died stays registered: as short as etcd can be told.
pub(super) const LEASE: Duration = Duration::from_secs(2);

/// The chain whose services find each other in etcd, with a profile service for each list of flags.
pub(super) async fn chain(etcd: &Etcd, profiles: &[&[&str]], user: &[&str]) -> Chain {
    let collector = Collector::start();
    let profiles = profiles
        .iter()
        .map(|flags| profile(&collector, etcd, flags));
    let profiles: Vec<_> = profiles.collect();
    let flags = [&["--profile", "etcd:///profile"], user].concat();
    let user = start(&collector, etcd, "user", &flags);
    let gateway = start(&collector, etcd, "gateway", &["--user", "etcd:///user"]);
    gateway.address("grpc").await;
    Chain {
        gateway,
        users: vec![user],
        profiles,
        collector,
    }
}

pub(super) fn profile(collector: &Collector, etcd: &Etcd, flags: &[&str]) -> Process {
    start(collector, etcd, "profile", flags)
}

/// A service that registers.
pub(super) fn start(collector: &Collector, etcd: &Etcd, name: &str, flags: &[&str]) -> Process {
    let lease = format!("{}s", LEASE.as_secs());
    let mut words = vec![
        "--etcd",
        &etcd.address,
        "--register",
        "etcd:///",
        "--lease",
        &lease,
    ];
    words.extend(flags);
    if name != "gateway" {
        words.extend(["--database-url", "memory:"]);
    }
    Process::service(name, &collector.endpoint, &words, &[])
}

/// Waits until a service says whether it is registered.
pub(super) async fn registered(service: &Process, value: u64) {
    let what = format!("{} says registered: {value}", service.name);
    until(&what, async || {
        let metrics = service.metrics().await;
        let is_there = metrics.series("registry_registered", &[]) == 1;
        (is_there && metrics.sum("registry_registered", &[]) == value).then_some(())
    })
    .await;
}

pub(super) async fn is_not_registered(etcd: &Etcd, prefix: &str) {
    until(&format!("{prefix} is gone"), async || {
        etcd.entries(prefix).await.is_empty().then_some(())
    })
    .await;
}

/// Waits until each of these takes calls.
pub(super) async fn serve(profiles: &[Process]) {
    for profile in profiles {
        let before = started(profile, "GetProfile").await;
        until("it takes calls", async || {
            (started(profile, "GetProfile").await > before).then_some(())
        })
        .await;
    }
}
