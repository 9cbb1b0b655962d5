//! TLS to etcd, and its users.

use std::{path::Path, time::Duration};

use dev_identity::write_certificates;
use rstest::rstest;
use test_support::etcd::{Etcd, Release};

use super::support::Side;

const DAY: Duration = Duration::from_hours(24);

/// The flags for the certificates in a folder.
fn certificates(folder: &Path, name: &str) -> [String; 3] {
    let path = |file: &str| folder.join(file).display().to_string();
    [
        format!("--etcd-ca={}", path("ca.pem")),
        format!("--etcd-cert={}", path(&format!("{name}.pem"))),
        format!("--etcd-key={}", path(&format!("{name}.key"))),
    ]
}

#[rstest]
#[case::newest(Release::Newest)]
#[case::debian(Release::Debian)]
#[tokio::test]
async fn a_server_with_a_certificate_and_a_password_registers(#[case] release: Release) {
    let folder = tempfile::tempdir().expect("a folder");
    write_certificates(folder.path(), &["localhost", "user"], DAY).expect("certificates");
    let etcd = Etcd::with_certificates(release, folder.path()).await;
    let etcd = etcd.with_user("root:a:secret").await;
    etcd.ctl(&["user", "add", "walk", "--new-user-password=pass"])
        .await;
    etcd.ctl(&["role", "add", "naming"]).await;
    etcd.ctl(&[
        "role",
        "grant-permission",
        "naming",
        "readwrite",
        "--prefix=true",
        "user/",
    ])
    .await;
    etcd.ctl(&["user", "grant-role", "walk", "naming"]).await;

    let [ca, cert, key] = certificates(folder.path(), "user");
    let flags = |user| ["--register=etcd:///", &ca, &cert, &key, user];
    let side = Side::of(&etcd.address, &flags("--etcd-user=walk:pass"));
    let (registration, _ready) = side.register("127.0.0.1:50052");
    side.watch("etcd:///user").is(&["127.0.0.1:50052"]).await;
    assert_eq!(etcd.entries("user/").await.len(), 1);
    registration.leave().await;
    assert_eq!(etcd.entries("user/").await, []);

    let stranger = Side::of(&etcd.address, &flags("--etcd-user=walk:guess"));
    let (_registration, _ready) = stranger.register("127.0.0.1:50053");
    let list = stranger.watch("etcd:///user");
    list.is(&[]).await;
    assert_eq!(stranger.metric("registry_registered"), Some(0));
    assert_eq!(etcd.entries("user/").await, []);
}

#[tokio::test]
async fn an_etcd_of_another_authority_is_not_used() {
    let (ours, theirs) = (tempfile::tempdir(), tempfile::tempdir());
    let (ours, theirs) = (ours.expect("a folder"), theirs.expect("a folder"));
    for folder in [&ours, &theirs] {
        write_certificates(folder.path(), &["localhost", "user"], DAY).expect("certificates");
    }
    let etcd = Etcd::with_certificates(Release::Newest, theirs.path()).await;
    let [ca, cert, key] = certificates(ours.path(), "user");
    let side = Side::of(&etcd.address, &["--register=etcd:///", &ca, &cert, &key]);
    let (_registration, _ready) = side.register("127.0.0.1:50052");
    side.watch("etcd:///user").is(&[]).await;
    assert_eq!(side.metric("registry_registered"), Some(0));
    assert_eq!(etcd.entries("user/").await, []);
}

#[test]
fn certificates_that_are_not_there_are_a_clear_error() {
    let [ca, cert, key] = certificates(Path::new("/nowhere"), "user");
    let side = Side::of("localhost:1", &[&ca, &cert, &key]);
    let error = side.try_watch("etcd:///user").expect_err("no files");
    assert!(error.contains("/nowhere/ca.pem (--etcd-ca)"), "{error}");
}
