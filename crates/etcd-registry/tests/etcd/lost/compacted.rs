//! Changes that were compacted while the watch was cut off.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use test_support::etcd::{Etcd, Release};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::support::Side;

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
