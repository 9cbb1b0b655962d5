use std::time::{Duration, Instant};

use rstest::rstest;
use test_support::{
    etcd::{Etcd, Release},
    until,
};
use tokio::sync::watch;

use super::support::{Side, server};

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn a_server_is_found_within_a_second_and_gone_when_it_leaves(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    let list = Side::at(&etcd).watch("etcd:///user");
    let first = server(&etcd, &[]);
    let (first, _ready) = first.register("127.0.0.1:50052");
    list.is(&["127.0.0.1:50052"]).await;
    let second = server(&etcd, &["--weight=3"]);
    let begin = Instant::now();
    let (second, _ready) = second.register("127.0.0.1:50062");
    list.is(&["127.0.0.1:50052", "127.0.0.1:50062;weight=3"])
        .await;
    assert!(
        begin.elapsed() < Duration::from_secs(1),
        "{:?}",
        begin.elapsed()
    );
    first.leave().await;
    let entries = etcd.entries("user/").await;
    assert_eq!(entries.len(), 1, "it has left: {entries:?}");
    list.is(&["127.0.0.1:50062;weight=3"]).await;
    second.leave().await;
    assert_eq!(etcd.entries("user/").await, []);
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn keys_and_values_are_those_of_etcds_own_naming(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    let plain = server(&etcd, &["--advertise=user-1.example:50052"]);
    let (_plain, _ready) = plain.register("0.0.0.0:50052");
    let weighted = server(&etcd, &["--weight=7"]);
    let (_weighted, _ready) = weighted.register("127.0.0.1:50062");
    for side in [&plain, &weighted] {
        side.has("registry_registered", 1).await;
    }
    let expected = [
        (
            "user/127.0.0.1:50062",
            r#"{"Op":0,"Addr":"127.0.0.1:50062","Metadata":{"weight":7}}"#,
        ),
        (
            "user/user-1.example:50052",
            r#"{"Op":0,"Addr":"user-1.example:50052","Metadata":null}"#,
        ),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(etcd.entries("").await, expected);
    let mut found: Vec<String> = etcd
        .naming("list", "user", &[])
        .await
        .lines()
        .map(str::to_owned)
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "user/127.0.0.1:50062 127.0.0.1:50062 map[weight:7]",
            "user/user-1.example:50052 user-1.example:50052 <nil>",
        ]
    );
}

#[tokio::test]
async fn a_server_registers_when_it_is_ready_and_at_the_address_that_reaches_etcd() {
    let etcd = Etcd::start(Release::Newest).await;
    let side = server(&etcd, &[]);
    let (ready, is_ready) = watch::channel(false);
    let listen = "0.0.0.0:50052".parse().expect("an address");
    let config = side.registry().register("user", listen, is_ready);
    let _registration = config.expect("it registers");
    let caller = Side::at(&etcd);
    let list = caller.watch("etcd:///user");
    caller.has("registry_watching{target=\"user\"}", 1).await;
    assert_eq!(
        (list.now(), side.metric("registry_registered")),
        (None, Some(0))
    );
    ready.send_replace(true);
    list.is(&["127.0.0.1:50052"]).await;
}

#[tokio::test]
async fn a_name_of_its_own_and_a_cluster_of_its_own_can_be_given() {
    let etcd = Etcd::start(Release::Newest).await;
    let url = format!("etcd://{}/shop/user", etcd.address);
    let side = Side::of("127.0.0.1:1", &["--register", &url]);
    let (_registration, _ready) = side.register("127.0.0.1:50052");
    side.watch(&url).is(&["127.0.0.1:50052"]).await;
    assert_eq!(etcd.entries("shop/user/").await.len(), 1);
}

#[tokio::test]
async fn a_dead_member_of_the_cluster_is_passed_over() {
    let etcd = Etcd::start(Release::Newest).await;
    let url = format!("etcd://127.0.0.1:1,{}/user", etcd.address);
    let side = Side::of("127.0.0.1:1", &["--register", &url]);
    let (_registration, _ready) = side.register("127.0.0.1:50052");
    side.watch(&url).is(&["127.0.0.1:50052"]).await;
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn a_lease_that_is_lost_is_replaced(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    let list = Side::at(&etcd).watch("etcd:///user");
    let side = server(&etcd, &[]);
    let (_registration, _ready) = side.register("127.0.0.1:50052");
    list.is(&["127.0.0.1:50052"]).await;
    let leases = etcd.ctl(&["lease", "list"]).await;
    let lease = leases.lines().nth(1).expect("a lease").to_owned();
    etcd.ctl(&["lease", "revoke", &lease]).await;
    side.has("registry_registrations_total", 2).await;
    until("another lease", async || {
        (etcd.entries("user/").await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(list.now(), Some(vec!["127.0.0.1:50052".to_owned()]));
}

#[tokio::test]
async fn a_server_that_dies_is_gone_with_its_lease() {
    let etcd = Etcd::start(Release::Newest).await;
    let list = Side::at(&etcd).watch("etcd:///user");
    let (_stays, _ready) = server(&etcd, &[]).register("127.0.0.1:50052");
    let (dies, _ready_too) = server(&etcd, &[]).register("127.0.0.1:50062");
    list.is(&["127.0.0.1:50052", "127.0.0.1:50062"]).await;
    // Nothing is revoked.
    drop(dies);
    list.is(&["127.0.0.1:50052"]).await;
}
