//! What others say never steers the terminal: not a server, not a trace store, not a metrics page.

mod gateway;
mod pages;

use crate::support::run;

/// Clears the screen, sets the title, rings, forges a line, hides and turns what follows; and wide
/// letters.
const HOSTILE: &str = "漢\u{1b}[2J\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{85}\r\nerror: forged\u{8}\u{7f}\
    \u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{61c}\u{feff}\u{e0041}\0\t";

/// Runs a command, and asserts that both of its outputs are lines of plain text.
async fn is_plain(words: &[&str]) -> String {
    let output = run(words).await;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("UTF-8");
    let steers = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61c}' | '\u{feff}' | '\u{200e}' | '\u{e0041}')
            || ('\u{2028}'..='\u{202e}').contains(&letter)
            || ('\u{2066}'..='\u{2069}').contains(&letter)
    };
    assert!(!said.contains(steers), "{words:?}: {said:?}");
    let forged = said.lines().find(|line| line.starts_with("error: forged"));
    assert_eq!(forged, None, "{words:?}: {said}");
    assert!(said.contains("forged"), "{words:?}: {said}");
    said
}

#[tokio::test]
async fn no_command_prints_what_steers_the_terminal() {
    let (gateway, pages) = (gateway::start().await, pages::start().await);
    let (gateway, pages) = (gateway.to_string(), pages.to_string());
    let users = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(users.path(), r#"{"name": "Ada", "email": "a@b.example"}"#).expect("it is ours");
    let users = users.path().to_str().expect("UTF-8");
    let to = ["--gateway", &gateway, "--ui", &pages];
    for call in [
        &["get", "1"][..],
        &["get", "bad"],
        &["create"],
        &["watch", "1"],
        &["import", users],
        &["lookup", "1", "2"],
        &["get", "1", "--fault", "user:hang"],
        &["get", "1", "--show"],
    ] {
        let words = [&["call"], call, &to].concat();
        is_plain(&words).await;
        if call.contains(&"--show") {
            continue;
        }
        is_plain(&[&words[..], &["--json"]].concat()).await;
    }
    is_plain(&["health", &gateway]).await;
    is_plain(&[&["mystery"][..], &to].concat()).await;
    is_plain(&[&["scenario", "run", "retry-helps"][..], &to].concat()).await;
    let load = ["load", "--duration", "1s", "--fault", "user:hang"];
    is_plain(&[&load[..], &to[..2]].concat()).await;
    for words in [
        &["1"][..],
        &["1", "--logs"],
        &["1", "--logs", "--json"],
        &["f"],
    ] {
        let url = ["--query-url", &pages, "--wait", "0s"];
        is_plain(&[&["trace"], words, &url].concat()).await;
    }
}

#[tokio::test]
async fn the_doctor_prints_nothing_that_steers_the_terminal() {
    let pages = pages::start().await.to_string();
    let gateway = gateway::start().await.to_string();
    let mut words = vec![
        "check",
        "--patience",
        "1s",
        "--wait",
        "1s",
        "--gateway",
        &gateway,
    ];
    let dashboards = concat!(env!("CARGO_MANIFEST_DIR"), "/../grafana/dashboards");
    words.extend(["--dashboards", dashboards]);
    for flag in [
        "--ui",
        "--prometheus",
        "--grafana",
        "--loki",
        "--dashboards-page",
    ] {
        words.extend([flag, &pages]);
    }
    for flag in ["--gateway-admin", "--user-admin", "--profile-admin"] {
        words.extend([flag, &pages]);
    }
    is_plain(&words).await;
    words.push("--json");
    is_plain(&words).await;
}
