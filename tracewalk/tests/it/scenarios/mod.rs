//! Scenarios hold on a stack with traffic of others; an expectation that is not met is seen. The commands
//! of the walkthrough play them again.

mod refusals;

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use crate::support::{Up, command, get};
use serde_json::Value;
use tokio::time::timeout;

/// All of them take minutes, and a busy machine has more to do.
const MAX_WAIT: Duration = Duration::from_mins(15);

/// Runs `tracewalk scenario run` on this stack.
async fn play(up: &Up, addresses: &Value, words: &[&str]) -> Output {
    let mut command = command(&["scenario", "run"]);
    command.env("TRACEWALK_DATA_DIR", up.data.path());
    for (variable, listener) in [
        ("GATEWAY", "gateway"),
        ("UI", "ui"),
        ("GATEWAY_ADMIN", "gateway_admin"),
        ("USER_ADMIN", "user_admin"),
        ("PROFILE_ADMIN", "profile_admin"),
        ("PROMETHEUS", "prometheus"),
    ] {
        let address = addresses[listener].as_str().expect("an address");
        command.env(format!("TRACEWALK_{variable}"), address);
    }
    let output = command.args(words).stdin(Stdio::null()).output();
    let output = timeout(MAX_WAIT, output).await;
    output.expect("it ends").expect("it can be started")
}

/// Of the files in the folder.
fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let files = std::fs::read_dir(folder).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    // The folder in it has those that need more than the stack.
    let names = paths
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().expect("a name").to_owned());
    names
        .map(|name| name.into_string().expect("UTF-8"))
        .collect()
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn all_hold_beside_the_traffic_of_others() {
    let up = Up::start(&["--json", "--load", "5"]);
    let addresses = up.addresses().await;
    let output = play(&up, &addresses, &["--all", "--json"]).await;
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let played: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(played.len(), names().len());
    for scenario in played {
        assert_eq!(scenario["met"], true, "{scenario}");
        assert_ne!(scenario["expectations"][1], Value::Null, "{scenario}");
    }
    // The dashboards show when each was played.
    let prometheus = addresses["prometheus"].as_str().expect("an address");
    let query = "max_over_time(scenario_playing%5B30m%5D)";
    let url = format!("http://{prometheus}/api/v1/query?query={query}");
    let series = get(&url).await.json()["data"]["result"].take();
    assert_eq!(series.as_array().unwrap().len(), names().len(), "{series}");
}

#[tokio::test]
async fn an_expectation_that_is_not_met_is_seen_and_the_others_are_met() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let path = up.data.path().join("mine.toml");
    let file = include_str!("../../../../scenarios/retry-helps.toml");
    let file = file.replace("tracewalk.attempts=2", "tracewalk.attempts=3");
    std::fs::write(&path, file).unwrap();
    let output = play(&up, &addresses, &["--file", path.to_str().unwrap()]).await;
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let failed: Vec<_> = text
        .lines()
        .filter(|line| line.contains("    ✗ "))
        .collect();
    assert_eq!(failed.len(), 1, "{text}");
    assert!(failed[0].ends_with("seen: tracewalk.attempts=2"), "{text}");
    assert!(text.contains("✓ OK 1"), "{text}");
    assert!(
        text.contains("10 spans") || text.contains("11 spans"),
        "{text}"
    );
}

#[tokio::test]
async fn the_list_says_what_each_teaches() {
    let output = crate::support::run(&["scenario", "list"]).await;
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    for name in names() {
        assert!(text.contains(&name), "{name}: {text}");
    }
}
