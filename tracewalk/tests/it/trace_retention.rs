//! What a learner made can still be looked at after others have filled the store, and a trace that
//! cannot be looked at is explained.

use std::path::Path;

use crate::support::{Caller, Up, command, finish, get, run, until};
use serde_json::Value;

/// Runs `tracewalk trace` and returns what it printed as JSON, or the error.
async fn trace(ui: &str, id: &str, wait: &str) -> Result<Value, String> {
    let words = ["trace", id, "--json", "--query-url", ui, "--wait", wait];
    let output = run(&words).await;
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    } else {
        Err(String::from_utf8(output.stderr).expect("UTF-8"))
    }
}

#[tokio::test]
async fn a_call_and_a_scenario_stay_when_others_fill_the_store() {
    let up = Up::start(&["--json", "--load", "0", "--max-spans", "300"]);
    let addresses = up.addresses().await;
    let address = |name: &str| addresses[name].as_str().expect("an address").to_owned();
    let (gateway, ui) = (address("gateway"), address("ui"));
    let mut others = Caller::connect(gateway.parse().expect("an address")).await;
    let evicted = others.get("1").await.trace_id;
    let words = ["call", "get", "1", "--json", "--gateway", &gateway];
    let called: Value = serde_json::from_slice(&run(&words).await.stdout).expect("JSON");
    assert_eq!(called["sampled"], true);
    let called = called["trace_id"].as_str().expect("a trace id").to_owned();

    until("the call can be seen", async || {
        let last = trace(&ui, "last", "0s").await.ok();
        last.filter(|it| it["trace_id"] == called.as_str())
    })
    .await;
    // By a search: a trace that is asked for by its id stays.
    let search = format!("http://{ui}/api/traces?service=gateway&limit=1500");
    until("it is evicted", async || {
        others.clone().get("2").await;
        (!get(&search).await.body.contains(&evicted)).then_some(())
    })
    .await;
    let explained = trace(&ui, &evicted, "0s").await.unwrap_err();
    assert!(explained.contains("trace evicted"), "{explained}");
    for _ in 0..100 {
        others.get("2").await;
    }
    for id in [&called, &address("first_trace")] {
        let kept = trace(&ui, id, "5s").await.expect("the trace is kept");
        assert_eq!(kept["spans"].as_array().map(Vec::len), Some(9), "{kept}");
    }
    let unknown = trace(&ui, "77", "0s").await.unwrap_err();
    assert!(
        unknown.contains("expected the id of a call that was sampled"),
        "{unknown}"
    );
}

/// Runs a command with this folder for its state; its JSON, and its notes.
async fn printed(words: &[&str], state: &Path) -> (Value, String) {
    let mut command = command(words);
    command.env("XDG_STATE_HOME", state);
    let output = finish(command).await;
    let json = serde_json::from_slice(&output.stdout).expect("JSON");
    (json, String::from_utf8(output.stderr).expect("UTF-8"))
}

#[tokio::test]
async fn the_last_trace_is_that_of_the_last_call_also_before_it_has_arrived() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let address = |name: &str| addresses[name].as_str().expect("an address").to_owned();
    let (gateway, ui) = (address("gateway"), address("ui"));
    let state = tempfile::tempdir().expect("a temporary folder");
    let json = async |words: &[&str]| printed(words, state.path()).await;
    let last = ["trace", "last", "--json", "--query-url", &ui];
    let mut called = Value::Null;
    for user in ["1", "2", "3", "1", "2"] {
        let call = [
            "call",
            "get",
            user,
            "--json",
            "--gateway",
            &gateway,
            "--ui",
            &ui,
        ];
        called = json(&call).await.0;
        let (last, _) = json(&last).await;
        assert_eq!(last["trace_id"], called["trace_id"]);
        assert_eq!(last["spans"].as_array().map(Vec::len), Some(9), "{last}");
    }
    let file = state.path().join("tracewalk/last-trace");
    let written = std::fs::read_to_string(&file).expect("a file");
    let id = called["trace_id"].as_str().expect("a trace id");
    // Of another start, whose store is gone; and no trace is known of the last call.
    let of_old_start = written.replace(id, &"7".repeat(32));
    for (text, noted) in [(of_old_start.as_str(), "is not here"), ("", "")] {
        std::fs::write(&file, text).expect("it can be written");
        let (found, note) = json(&[&last[..], &["--wait", "0s"]].concat()).await;
        assert_eq!(found["trace_id"], id);
        assert!(
            note.contains(noted) && note.is_empty() == noted.is_empty(),
            "{note}"
        );
    }
}

#[tokio::test]
async fn a_call_names_the_traces_that_go_on_with_its_work_after_many_others_too() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let address = |name: &str| addresses[name].as_str().expect("an address").to_owned();
    let (gateway, ui) = (address("gateway"), address("ui"));
    let words = ["call", "create", "--json", "--gateway", &gateway];
    let called: Value = serde_json::from_slice(&run(&words).await.stdout).expect("JSON");
    let called = called["trace_id"].as_str().expect("a trace id");
    let linked_by = async || {
        let trace = trace(&ui, called, "5s").await.expect("it is there");
        trace["linked_by"].as_array().expect("a list").clone()
    };
    let linked = until("its event is sent and handled", async || {
        Some(linked_by().await).filter(|linked| linked.len() == 2)
    })
    .await;
    // More than one search of the latest finds.
    let load = [
        "load",
        "--rps",
        "150",
        "--duration",
        "2s",
        "--mix",
        "create=1",
    ];
    let load = [&load[..], &["--gateway", &gateway]].concat();
    assert!(run(&load).await.status.success());
    assert_eq!(linked_by().await, linked);
}

#[tokio::test]
async fn a_call_that_is_not_sampled_says_so_instead_of_a_link() {
    let demo = crate::support::Demo::start_with(&[("OTEL_TRACES_SAMPLER", "always_off")]).await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    for (user, stream) in [("1", "stdout"), ("nobody", "stderr")] {
        let output = run(&["call", "get", user, "--gateway", &gateway]).await;
        let printed = if stream == "stdout" {
            output.stdout
        } else {
            output.stderr
        };
        let printed = String::from_utf8(printed).expect("UTF-8");
        assert!(
            printed.contains("not sampled") && !printed.contains("/trace/"),
            "{printed}"
        );
    }
    let output = run(&["call", "get", "1", "--json", "--gateway", &gateway]).await;
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&answer["sampled"], &answer["trace_url"]),
        (&Value::Bool(false), &Value::Null)
    );
}
