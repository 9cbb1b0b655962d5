//! etcd is away, and comes back with all that it knew, with less, or with nothing.

mod compacted;

use etcd_registry::Registration;
use rstest::rstest;
use test_support::{
    DEADLINE,
    etcd::{Etcd, Release},
    until,
};
use tokio::time::timeout;

use super::support::{Side, server};

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn an_etcd_that_comes_late_gets_all_that_waits_for_it(#[case] release: Release) {
    let mut etcd = Etcd::stopped(release);
    let side = server(&etcd, &[]);
    let (_registration, _ready) = side.register("127.0.0.1:50052");
    let list = side.watch("etcd:///user");
    list.is(&[]).await;
    assert_eq!(side.metric("registry_registered"), Some(0));
    let series = "registry_watching{target=\"user\"}";
    assert_eq!(side.metric(series), Some(0));
    etcd.restart().await;
    list.is(&["127.0.0.1:50052"]).await;
    side.has("registry_registered", 1).await;
    side.has(series, 1).await;
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn the_death_of_etcd_changes_nothing_and_its_return_is_used(#[case] release: Release) {
    let mut etcd = Etcd::start(release).await;
    let sides = [server(&etcd, &[]), server(&etcd, &[])];
    let (_first, _ready) = sides[0].register("127.0.0.1:50052");
    let (second, _ready_too) = sides[1].register("127.0.0.1:50062");
    let both = ["127.0.0.1:50052", "127.0.0.1:50062"];
    let caller = Side::at(&etcd);
    let list = caller.watch("etcd:///user");
    list.is(&both).await;
    let changes = list.changes();
    etcd.kill();
    caller.has("registry_watching{target=\"user\"}", 0).await;
    for side in &sides {
        side.has("registry_registered", 0).await;
    }
    etcd.restart().await;
    for side in &sides {
        side.has("registry_registered", 1).await;
    }
    caller.has("registry_watching{target=\"user\"}", 1).await;
    assert!(
        !changes.has_changed().expect("it is watched"),
        "{:?}",
        list.now()
    );
    second.leave().await;
    list.is(&both[..1]).await;
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn an_etcd_without_its_data_is_told_again_and_no_caller_forgets(#[case] release: Release) {
    let mut etcd = Etcd::start(release).await;
    let sides = [server(&etcd, &[]), server(&etcd, &[])];
    let (_first, _ready) = sides[0].register("127.0.0.1:50052");
    let (_second, _ready_too) = sides[1].register("127.0.0.1:50062");
    let list = Side::at(&etcd).watch("etcd:///user");
    list.is(&["127.0.0.1:50052", "127.0.0.1:50062"]).await;
    let changes = list.changes();
    etcd.kill();
    etcd.forget();
    etcd.restart().await;
    until("both have registered again", async || {
        (etcd.entries("user/").await.len() == 2).then_some(())
    })
    .await;
    assert!(
        !changes.has_changed().expect("it is watched"),
        "{:?}",
        list.now()
    );
}

#[tokio::test]
async fn a_server_that_leaves_waits_for_no_dead_etcd() {
    let mut etcd = Etcd::start(Release::Newest).await;
    let side = server(&etcd, &[]);
    let (registration, _ready) = side.register("127.0.0.1:50052");
    side.has("registry_registered", 1).await;
    etcd.kill();
    leaves(registration).await;
    etcd.restart().await;
    until("its lease has ended", async || {
        etcd.entries("user/").await.is_empty().then_some(())
    })
    .await;
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn an_etcd_that_hangs_is_seen_and_holds_nobody_up(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    let sides = [server(&etcd, &[]), server(&etcd, &[])];
    let (_first, _ready) = sides[0].register("127.0.0.1:50052");
    let (second, _ready_too) = sides[1].register("127.0.0.1:50062");
    let list = Side::at(&etcd).watch("etcd:///user");
    let both = ["127.0.0.1:50052", "127.0.0.1:50062"];
    list.is(&both).await;
    let changes = list.changes();
    etcd.hang(true);
    for side in &sides {
        side.has("registry_registered", 0).await;
    }
    leaves(second).await;
    assert!(
        !changes.has_changed().expect("it is watched"),
        "{:?}",
        list.now()
    );
    etcd.hang(false);
    sides[0].has("registry_registered", 1).await;
    list.is(&both[..1]).await;
}

/// While etcd does not answer.
async fn leaves(registration: Registration) {
    let left = timeout(DEADLINE, registration.leave()).await;
    left.expect("it does not wait for etcd");
}
