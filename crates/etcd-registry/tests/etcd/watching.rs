use rstest::rstest;
use test_support::etcd::{Etcd, Release};

use super::support::{Side, server};

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn what_others_write_is_found(#[case] release: Release) {
    let etcd = Etcd::start(release).await;
    etcd.naming("add", "user", &["10.0.0.1:50052"]).await;
    let list = Side::at(&etcd).watch("etcd:///user");
    list.is(&["10.0.0.1:50052"]).await;
    etcd.naming("add", "user", &["10.0.0.2:50052"]).await;
    list.is(&["10.0.0.1:50052", "10.0.0.2:50052"]).await;
    let weighted = r#"{"Op":0,"Addr":"10.0.0.2:50052","Metadata":{"weight":5,"zone":"b"}}"#;
    etcd.ctl(&["put", "user/10.0.0.2:50052", weighted]).await;
    list.is(&["10.0.0.1:50052", "10.0.0.2:50052;weight=5"])
        .await;
    etcd.ctl(&["del", "user/10.0.0.1:50052"]).await;
    list.is(&["10.0.0.2:50052;weight=5"]).await;
}

#[tokio::test]
async fn what_is_no_endpoint_hides_no_server() {
    let etcd = Etcd::start(Release::Newest).await;
    etcd.ctl(&["put", "user/note", "not an endpoint"]).await;
    etcd.ctl(&["put", "users/10.0.0.9:1", r#"{"Op":0,"Addr":"10.0.0.9:1"}"#])
        .await;
    let list = Side::at(&etcd).watch("etcd:///user");
    etcd.naming("add", "user", &["10.0.0.1:50052"]).await;
    list.is(&["10.0.0.1:50052"]).await;
    etcd.ctl(&["put", "user/another", "{}"]).await;
    etcd.naming("add", "user", &["10.0.0.2:50052"]).await;
    list.is(&["10.0.0.1:50052", "10.0.0.2:50052"]).await;
}

#[tokio::test]
async fn the_last_server_that_leaves_is_kept_until_another_registers() {
    let etcd = Etcd::start(Release::Newest).await;
    let caller = Side::at(&etcd);
    let list = caller.watch("etcd:///user");
    let (first, _ready) = server(&etcd, &[]).register("127.0.0.1:50052");
    list.is(&["127.0.0.1:50052"]).await;
    first.leave().await;
    assert_eq!(etcd.entries("user/").await, []);
    let (_second, _ready_too) = server(&etcd, &[]).register("127.0.0.1:50062");
    list.is(&["127.0.0.1:50062"]).await;
    caller.has("registry_servers{target=\"user\"}", 1).await;
}

#[tokio::test]
async fn a_name_without_servers_is_empty_after_a_wait_and_found_when_it_has_one() {
    let etcd = Etcd::start(Release::Newest).await;
    let list = Side::at(&etcd).watch("etcd:///user");
    assert_eq!(list.now(), None, "calls wait");
    list.is(&[]).await;
    let (_registration, _ready) = server(&etcd, &[]).register("127.0.0.1:50052");
    list.is(&["127.0.0.1:50052"]).await;
}
