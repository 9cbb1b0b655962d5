//! A Python client with OpenTelemetry's own instrumentation: its trace goes on through the chain.
//!
//! Needs Python with `venv`, and fetches the packages of `scripts/foreign-client.txt`:
//! `cargo test -p tracewalk --features external --test foreign_client`.

mod support;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use support::{Demo, Trace};
use tokio::{process::Command, time::timeout};

/// The packages are a hundred megabytes, which a slow network takes its time for.
const FETCH: Duration = Duration::from_mins(10);

#[tokio::test]
async fn a_python_client_finds_its_own_trace_in_all_three_services() {
    let python = python_with_packages().await;
    let mut demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let mut client = Command::new(python);
    client
        .arg(scripts().join("foreign-client.py"))
        .args([&gateway, &demo.collector.endpoint]);
    let printed = succeed(client).await;

    let calls: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call["kind"].as_str().expect("a text"), &call["answers"]))
        .map(|(kind, answers)| (kind, answers.as_u64().expect("a number")))
        .collect();
    let expected = [
        ("get", 1),
        ("create", 1),
        ("watch", 2),
        ("import", 1),
        ("lookup", 3),
    ];
    assert_eq!(seen, expected);
    // Everything is exported when the services have ended.
    assert_eq!(demo.stop().await, [Some(0); 3]);
    let traces = demo.collector.traces();
    assert_eq!(
        traces.len(),
        calls.len(),
        "a trace for each call, and no other"
    );
    for call in calls {
        goes_through_the_chain(&traces[call["trace_id"].as_str().expect("a text")]);
    }
}

/// One root, which is the client's, and a SERVER span of each service below it.
fn goes_through_the_chain(trace: &Trace) {
    let [root] = trace.roots()[..] else {
        panic!("one root: {}", trace.tree())
    };
    assert_eq!(
        (root.service.as_str(), root.parent.as_str()),
        ("python", "")
    );
    let [call] = trace.of("python", "CLIENT").collect::<Vec<_>>()[..] else {
        panic!("one call: {}", trace.tree())
    };
    for service in ["gateway", "user", "profile"] {
        let [server] = trace.of(service, "SERVER").collect::<Vec<_>>()[..] else {
            panic!("one span of {service}: {}", trace.tree())
        };
        if service == "gateway" {
            assert_eq!(server.parent, call.id, "{}", trace.tree());
        }
    }
}

/// A Python of our own, with the packages that the client imports.
async fn python_with_packages() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    succeed(make).await;
    let python = folder.join("bin/python");
    let mut fetch = Command::new(&python);
    fetch
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(scripts().join("foreign-client.txt"));
    succeed(fetch).await;
    python
}

/// Runs a command to its end, and returns what it has printed.
async fn succeed(mut command: Command) -> String {
    command.kill_on_drop(true);
    let output = timeout(FETCH, command.output()).await;
    let output = output.expect("it ends in time").expect("it can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts")
}
