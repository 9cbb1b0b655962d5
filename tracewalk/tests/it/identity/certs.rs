use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

use crate::support::run;

async fn certs(folder: &Path, flags: &[&str]) -> Value {
    let folder = folder.to_str().expect("UTF-8");
    let output = run(&[&["certs", folder, "--json"], flags].concat()).await;
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn changes(report: &Value) -> Vec<&str> {
    let certificates = report["certificates"].as_array().expect("a list");
    let change = |it| Value::as_str(it).expect("a text");
    certificates
        .iter()
        .map(|it| change(&it["change"]))
        .collect()
}

#[tokio::test]
async fn certs_makes_what_is_missing_and_keeps_what_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new/certs");
    let made = certs(&folder, &[]).await;
    assert_eq!(changes(&made), ["made"; 4]);
    assert_eq!(made["certificates"][0]["name"], "ca");
    assert_eq!(changes(&certs(&folder, &[]).await), ["kept"; 4]);
    let renewed = certs(&folder, &["--renew"]).await;
    assert_eq!(changes(&renewed), ["kept", "renewed", "renewed", "renewed"]);
    let more = certs(&folder, &["--services", "user,billing"]).await;
    assert_eq!(changes(&more), ["kept", "kept", "made"]);
    for name in ["ca.key", "gateway.key", "user.key", "profile.key"] {
        let metadata = fs::metadata(folder.join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn certs_says_what_became_of_each_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for expected in ["made, good until 20", "kept, good until 20"] {
        let output = run(&["certs", path]).await;
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.lines().all(|line| line.contains(expected)), "{text}");
    }
    fs::write(folder.path().join("user.pem"), "no certificate").unwrap();
    let output = run(&["certs", path]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains("user.pem")).unwrap();
    assert!(line.contains("renewed"), "{line}");
}

#[tokio::test]
async fn a_folder_that_cannot_sign_is_one_line_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    certs(folder.path(), &[]).await;
    let before = fs::read(folder.path().join("user.pem")).unwrap();
    fs::remove_file(folder.path().join("ca.key")).unwrap();
    let path = folder.path().to_str().unwrap();
    for (words, reason) in [
        (&["certs", path, "--renew"][..], "ca.key"),
        (&["certs", path, "--services", "../user"], "DNS name"),
        (&["certs", "/dev/null/certs"], "/dev/null/certs"),
    ] {
        let output = run(words).await;
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(reason) && text.lines().count() == 1, "{text}");
    }
    assert_eq!(fs::read(folder.path().join("user.pem")).unwrap(), before);
}
