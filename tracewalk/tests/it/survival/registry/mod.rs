//! Servers that find each other in a real etcd, while they, and etcd, come and go.

mod found;
mod services;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rstest::rstest;
use test_support::etcd::{Etcd, Release};
use tonic::Code;

use super::{
    chain::started,
    figure,
    load::{Load, failures},
};
use crate::support::{Caller, Collector, until};
use services::{LEASE, chain, is_not_registered, profile, registered, serve, start};

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
