use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::Value;
use tonic_resilience::server::layers::authenticate::TokenVerifier;

use crate::support::{command, finish, run};

#[tokio::test]
async fn token_prints_a_token_that_the_published_key_believes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth");
    let words = ["token", path.to_str().unwrap(), "--subject", "ada"];
    let output = run(&[&words[..], &["--scope", "users:read,users:write"]].concat()).await;
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("a new key signs")
    );
    let token = String::from_utf8(output.stdout).unwrap();
    assert_eq!(token.lines().count(), 1);
    let verifier = TokenVerifier::load(path.join("keys.json"), "tracewalk", "gateway").unwrap();
    let principal = verifier.verify(token.trim()).unwrap();
    assert_eq!(principal.name(), "ada");
    assert!(principal.has_scope("users:write") && principal.has_scope("users:read"));

    // The second time there is nothing to note.
    let output = run(&[&words[..], &["--scope", "", "--json"]].concat()).await;
    assert!(output.stderr.is_empty());
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let principal = verifier.verify(said["token"].as_str().unwrap()).unwrap();
    assert!(!principal.has_scope("users:write"));
    let mode = fs::metadata(path.join("signing.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_that_cannot_sign_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("keys.json"), "{}").unwrap();
    let path = folder.path().to_str().unwrap();
    for (words, reason) in [
        (&["token", path][..], "signing.key"),
        (&["token", path, "--new-key"], "JSON Web Key"),
        (&["token", "/dev/null/auth"], "/dev/null/auth"),
        (&["token", path, "--valid-for", "long"], "--valid-for"),
    ] {
        let output = run(words).await;
        let text = String::from_utf8(output.stderr).unwrap();
        assert_ne!(output.status.code(), Some(0), "{text}");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.contains(reason), "{text}");
        // Of a wrong command line the usage follows.
        assert!(
            text.lines().count() == 1 || reason.starts_with("--"),
            "{text}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_one_line_and_not_repeated() {
    const NEARLY: &str = "eyJ.canary\u{7}.secret";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, NEARLY).unwrap();
    let missing = folder.path().join("missing");
    let [file, missing] = [file, missing].map(|path| path.to_str().unwrap().to_owned());
    for (flags, reason) in [
        (["--token", NEARLY], "--token"),
        (["--token", ""], "--token"),
        (["--token-file", &file], "--token-file"),
        (["--token-file", &missing], "--token-file"),
    ] {
        let output = run(&[&["call", "get", "1"], &flags[..]].concat()).await;
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.contains(reason), "{text}");
        // Of a wrong command line the usage follows.
        assert!(
            text.lines().count() == 1 || reason.starts_with("--"),
            "{text}"
        );
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn no_help_prints_the_token_of_the_environment() {
    for words in [
        &["call", "--help"][..],
        &["load", "--help"],
        &["check", "--help"],
    ] {
        let mut command = command(words);
        command.env("TRACEWALK_TOKEN", "canary");
        let text = String::from_utf8(finish(command).await.stdout).unwrap();
        assert!(
            text.contains("--token") && !text.contains("canary"),
            "{text}"
        );
    }
}
