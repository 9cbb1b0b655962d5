//! What cannot be played is one clear line.

use std::net::TcpListener;

use super::{play, text};
use crate::support::{Demo, Up};

#[tokio::test]
async fn a_stack_that_takes_no_faults_is_one_clear_line() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let output = crate::support::run(&["scenario", "run", "hang", "--gateway", &gateway]).await;
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let expected = "the gateway takes no faults (--fault): start the services with --faults";
    assert_eq!(text.trim(), format!("error: {expected}"));
}

#[tokio::test]
async fn what_cannot_be_asked_is_one_clear_line_before_anything_is_played() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().unwrap().to_string();
    let gateway = addresses["gateway"].as_str().unwrap();
    let ui = addresses["ui"].as_str().unwrap();
    for (flag, address, expected) in [
        ("--gateway", mute.as_str(), "no answer of the gateway in 1s"),
        ("--ui", &mute, "no traces (--ui): no answer of http://"),
        ("--ui", gateway, "no traces (--ui): "),
        (
            "--user-admin",
            &mute,
            "no metrics of user (--user-admin): no answer in 1s",
        ),
        (
            "--user-admin",
            ui,
            "no metrics of user (--user-admin): http://",
        ),
    ] {
        let output = play(
            &up,
            &addresses,
            &["hang", "--json", "--timeout", "1s", flag, address],
        )
        .await;
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{flag}: {text}");
        assert!(
            text.starts_with(&format!("error: {expected}")),
            "{flag}: {text}"
        );
        assert_eq!(text.trim().lines().count(), 1, "{flag}: {text}");
    }
}

#[tokio::test]
async fn a_mistake_on_the_command_line_or_in_a_file_is_said_in_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let file = "title = \"t\"\nlesson = \"l\"\ncodes = { Okay = 1 }\n";
    std::fs::write(&path, file).unwrap();
    let path = path.to_str().unwrap();
    for (words, expected) in [
        (
            &["hung"][..],
            "there is no scenario `hung`: expected one of slow-last-hop".to_owned(),
        ),
        (
            &["--file", "nowhere.toml"],
            "cannot read nowhere.toml".to_owned(),
        ),
        (
            &["--file", path],
            format!("{path}:3: `Okay` is not a status code"),
        ),
        (
            &[],
            "the following required arguments were not provided".to_owned(),
        ),
        (&["hang", "--all"], "cannot be used with".to_owned()),
    ] {
        let output = crate::support::run(&[&["scenario", "run"], words].concat()).await;
        let text = text(&output);
        assert!(
            !output.status.success() && text.contains(&expected),
            "{text}"
        );
        // Of a wrong command line the usage follows.
        let is_usage = text.contains("Usage: ");
        assert_eq!(text.trim().lines().count() > 1, is_usage, "{text}");
        assert_eq!(
            is_usage,
            words.is_empty() || words.contains(&"--all"),
            "{text}"
        );
    }
}
