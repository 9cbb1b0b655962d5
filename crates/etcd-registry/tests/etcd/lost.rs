//! etcd is away, and comes back with all that it knew, with less, or with nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use etcd_registry::Registration;
use rstest::rstest;
use test_support::{
    DEADLINE,
    etcd::{Etcd, Release},
    until,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

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

/// A way to etcd that can be cut.
struct Way {
    address: String,
    is_open: Arc<watch::Sender<bool>>,
}

impl Way {
    async fn to(etcd: &Etcd) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let is_open = Arc::new(watch::Sender::new(true));
        let (etcd, open) = (etcd.address.clone(), Arc::clone(&is_open));
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (etcd, mut open) = (etcd.clone(), open.subscribe());
                tokio::spawn(async move {
                    if !*open.borrow_and_update() {
                        return;
                    }
                    let mut server = TcpStream::connect(etcd).await.expect("etcd runs");
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = open.wait_for(|is_open| !is_open) => {}
                    }
                });
            }
        });
        Self { address, is_open }
    }
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn what_was_compacted_while_the_watch_was_cut_off_is_read_anew(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    let way = Way::to(&etcd).await;
    let caller = Side::of(&way.address, &[]);
    let list = caller.watch("etcd:///user");
    etcd.naming("add", "user", &["10.0.0.1:1"]).await;
    etcd.naming("add", "user", &["10.0.0.2:1"]).await;
    list.is(&["10.0.0.1:1", "10.0.0.2:1"]).await;
    way.is_open.send_replace(false);
    caller.has("registry_watching{target=\"user\"}", 0).await;
    etcd.ctl(&["del", "user/10.0.0.1:1"]).await;
    etcd.naming("add", "user", &["10.0.0.3:1"]).await;
    let written = etcd
        .ctl(&["get", "user/10.0.0.3:1", "--write-out=fields"])
        .await;
    let revision = written
        .lines()
        .find_map(|line| line.strip_prefix("\"Revision\" : "));
    etcd.ctl(&["compact", revision.expect("a revision")]).await;
    way.is_open.send_replace(true);
    let begin = Instant::now();
    // It is kept for a while, since a list that is read anew may lack what is there.
    list.is(&["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"]).await;
    list.is(&["10.0.0.2:1", "10.0.0.3:1"]).await;
    assert!(
        begin.elapsed() > Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
}
