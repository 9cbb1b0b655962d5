//! Servers that find each other in a real etcd, while they, and etcd, come and go.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rstest::rstest;
use test_support::etcd::{Etcd, Release};
use tonic::Code;

use super::{
    chain::{Chain, started},
    figure,
    load::{Load, failures},
};
use crate::support::{Caller, Collector, Process, Up, until};

/// How long a server that died stays registered: as short as etcd can be told.
const LEASE: Duration = Duration::from_secs(2);

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn servers_and_etcd_come_and_go_and_no_call_is_lost(#[case] release: Release) {
    let mut etcd = Etcd::start(release).await;
    let mut chain = chain(&etcd, &[&[], &[], &[]], &[]).await;
    let load = Load::start(&chain, 6).await;
    serve(&chain.profiles).await;
    let killed = Instant::now();
    let dead = chain.profiles.remove(0);
    let address = dead.address("grpc").await;
    dead.signal("KILL").await;
    is_not_registered(&etcd, &format!("profile/{address}")).await;
    figure("killed: out of the registry after", killed.elapsed());

    let mut leaves = chain.profiles.remove(0);
    leaves.signal("TERM").await;
    assert_eq!(leaves.ended().await, Some(0));

    let begin = Instant::now();
    let joins = profile(&chain.collector, &etcd, &[]);
    registered(&joins, 1).await;
    let since = Instant::now();
    serve(std::slice::from_ref(&joins)).await;
    figure("a new server: ready and registered after", begin.elapsed());
    figure("its first call after", since.elapsed());
    assert!(
        since.elapsed() < Duration::from_secs(1),
        "{:?}",
        since.elapsed()
    );
    chain.profiles.push(joins);

    let dead = Instant::now();
    etcd.kill();
    for server in chain.profiles.iter().chain(&chain.users) {
        registered(server, 0).await;
    }
    while dead.elapsed() < 2 * LEASE {
        assert_eq!(load.failures_of_next(250).await, BTreeMap::new());
    }
    let back = Instant::now();
    etcd.restart().await;
    for server in chain.profiles.iter().chain(&chain.users) {
        registered(server, 1).await;
    }
    figure("etcd back: all registered again after", back.elapsed());
    let late = profile(&chain.collector, &etcd, &[]);
    serve(std::slice::from_ref(&late)).await;
    chain.profiles.push(late);
    assert_eq!(load.failures_of_next(250).await, BTreeMap::new());

    let calls = load.stop().await;
    figure("calls", calls.len());
    let seen = killed + Duration::from_secs(1);
    let (own, others): (Vec<_>, Vec<_>) = calls.into_iter().partition(|it| it.begun < seen);
    figure("failures of the killed server", failures(&own));
    assert_eq!(failures(&others), BTreeMap::new());
    chain.stop().await;
    assert_eq!(etcd.entries("").await, [], "all have left");
}

#[tokio::test]
async fn a_server_has_left_the_registry_while_it_still_ends_its_calls() {
    let etcd = Etcd::start(Release::Newest).await;
    let mut chain = chain(&etcd, &[&[]], &[]).await;
    let mut caller = Caller::connect(chain.gateway.address("grpc").await).await;
    let last = tokio::spawn(async move { caller.watch("1", 40).await });
    until("the call is there", async || {
        (started(&chain.profiles[0], "WatchProfile").await > 0).then_some(())
    })
    .await;
    chain.profiles[0].signal("TERM").await;
    is_not_registered(&etcd, "profile/").await;
    assert!(!last.is_finished(), "the call goes on");
    let last = last.await.unwrap();
    assert_eq!((last.code, last.messages), (Code::Ok, 40));
    assert_eq!(chain.profiles[0].ended().await, Some(0));
    let lines = chain.profiles[0].lines();
    let at = |text: &str| lines.iter().position(|line| line.contains(text));
    assert!(at("left the registry") < at("\"drained\""), "{lines:#?}");
    assert!(at("left the registry").is_some());
}

#[tokio::test]
async fn a_server_that_hung_for_longer_than_its_lease_registers_again() {
    let etcd = Etcd::start(Release::Newest).await;
    let collector = Collector::start();
    let server = profile(&collector, &etcd, &[]);
    registered(&server, 1).await;
    server.signal("STOP").await;
    is_not_registered(&etcd, "profile/").await;
    server.signal("CONT").await;
    until("it registers again", async || {
        (etcd.entries("profile/").await.len() == 1).then_some(())
    })
    .await;
    registered(&server, 1).await;
}

#[tokio::test]
async fn services_serve_without_etcd_say_so_once_and_register_when_it_comes() {
    let mut etcd = Etcd::stopped(Release::Newest);
    let collector = Collector::start();
    let profile = profile(&collector, &etcd, &[]);
    let target = format!("static:///{}", profile.address("grpc").await);
    let user = start(&collector, &etcd, "user", &["--profile", &target]);
    let target = format!("static:///{}", user.address("grpc").await);
    let gateway = start(&collector, &etcd, "gateway", &["--user", &target]);
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    for _ in 0..20 {
        assert_eq!(caller.get("1").await.code, Code::Ok);
    }
    profile
        .line("not registered: etcd is asked again and again")
        .await;
    registered(&profile, 0).await;
    etcd.restart().await;
    registered(&profile, 1).await;
    let lines = profile.lines();
    let said = lines.iter().filter(|line| line.contains("not registered"));
    assert_eq!(said.count(), 1, "{lines:#?}");
}

#[tokio::test]
async fn a_go_client_finds_our_servers_and_ours_finds_what_go_adds() {
    let etcd = Etcd::start(Release::Newest).await;
    let chain = chain(&etcd, &[&[], &[]], &[]).await;
    for server in &chain.profiles {
        registered(server, 1).await;
    }
    let answers = etcd.naming("call", "profile", &["20"]).await;
    for server in &chain.profiles {
        let line = format!("{} SERVING", server.address("grpc").await);
        let count = answers.lines().filter(|answer| *answer == line).count();
        assert!(count >= 5, "{count} of 20 to {line}: {answers}");
    }
    let stranger = Process::service(
        "profile",
        &chain.collector.endpoint,
        &["--database-url", "memory:"],
        &[],
    );
    let address = stranger.address("grpc").await.to_string();
    etcd.naming("add", "profile", &[&address]).await;
    let load = Load::start(&chain, 2).await;
    serve(std::slice::from_ref(&stranger)).await;
    assert_eq!(failures(&load.stop().await), BTreeMap::new());
}

#[tokio::test]
async fn weights_of_the_registry_are_shares() {
    let etcd = Etcd::start(Release::Newest).await;
    let policy = ["--profile-policy", "weighted_round_robin"];
    let chain = chain(&etcd, &[&["--weight", "3"], &[]], &policy).await;
    let load = Load::start(&chain, 1).await;
    serve(&chain.profiles).await;
    load.stop().await;
    let before = chain.calls().await;
    let mut caller = Caller::connect(chain.gateway.address("grpc").await).await;
    for _ in 0..200 {
        assert_eq!(caller.get("1").await.code, Code::Ok);
    }
    let after = chain.calls().await;
    let [first, second] = [0, 1].map(|index| after[index] - before[index]);
    assert!(
        first.abs_diff(150) <= 3 && second.abs_diff(50) <= 3,
        "{first} {second}"
    );
}

#[tokio::test]
async fn the_launcher_starts_services_that_find_each_other_in_etcd() {
    let etcd = Etcd::start(Release::Newest).await;
    let url = format!("etcd://{}", etcd.address);
    let mut up = Up::start(&["--json", "--load", "0", "--register", &url]);
    let addresses = up.addresses().await;
    let gateway = addresses["gateway"].as_str().expect("an address").parse();
    let mut caller = Caller::connect(gateway.expect("an address")).await;
    assert_eq!(caller.get("1").await.code, Code::Ok);
    let keys: Vec<_> = etcd
        .entries("")
        .await
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    for (key, name) in keys.iter().zip(["gateway", "profile", "user"]) {
        assert!(key.starts_with(&format!("{name}/127.0.0.1:")), "{keys:?}");
    }
    assert_eq!(keys.len(), 3, "{keys:?}");
    up.process.signal("TERM").await;
    assert_eq!(up.process.ended().await, Some(0));
    assert_eq!(etcd.entries("").await, []);
}

/// The chain whose services find each other in etcd, with a profile service for each list of flags.
async fn chain(etcd: &Etcd, profiles: &[&[&str]], user: &[&str]) -> Chain {
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

fn profile(collector: &Collector, etcd: &Etcd, flags: &[&str]) -> Process {
    start(collector, etcd, "profile", flags)
}

/// A service that registers.
fn start(collector: &Collector, etcd: &Etcd, name: &str, flags: &[&str]) -> Process {
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
async fn registered(service: &Process, value: u64) {
    let what = format!("{} says registered: {value}", service.name);
    until(&what, async || {
        let metrics = service.metrics().await;
        let is_there = metrics.series("registry_registered", &[]) == 1;
        (is_there && metrics.sum("registry_registered", &[]) == value).then_some(())
    })
    .await;
}

async fn is_not_registered(etcd: &Etcd, prefix: &str) {
    until(&format!("{prefix} is gone"), async || {
        etcd.entries(prefix).await.is_empty().then_some(())
    })
    .await;
}

/// Waits until each of these takes calls.
async fn serve(profiles: &[Process]) {
    for profile in profiles {
        let before = started(profile, "GetProfile").await;
        until("it takes calls", async || {
            (started(profile, "GetProfile").await > before).then_some(())
        })
        .await;
    }
}
