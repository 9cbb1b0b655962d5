//! Who finds the servers that are in etcd, and how often each is called.

use std::collections::BTreeMap;

use test_support::etcd::{Etcd, Release};
use tonic::Code;

use super::services::{chain, registered, serve};
use crate::{
    support::{Caller, Process, Up},
    survival::load::{Load, failures},
};

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
