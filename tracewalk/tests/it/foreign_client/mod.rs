//! Clients in Python and Node, and servers in Python: the trace of a client with OpenTelemetry's own
//! instrumentation goes on through the chain, and a server of grpcio can stand in the place of each hop.
//!
//! Needs Python with `venv`, and Node with npm, and fetches the packages of
//! `scripts/foreign-client.txt` and `scripts/foreign-node/package.json`:
//! `cargo test -p tracewalk --features external --test it -- foreign_client::`.

mod programs;
mod servers;

use std::path::Path;

use crate::support::{Demo, Trace};
use programs::{python_with_packages, scripts, succeed};
use serde_json::{Value, json};
use tokio::process::Command;

/// How many answers each kind of call has.
const EXPECTED: [(&str, u64); 5] = [
    ("get", 1),
    ("create", 1),
    ("watch", 2),
    ("import", 1),
    ("lookup", 3),
];

fn answers(calls: &[Value]) -> Vec<(&str, u64)> {
    let calls = calls.iter();
    let calls = calls.map(|call| (call["kind"].as_str(), call["answers"].as_u64()));
    calls
        .map(|(kind, answers)| (kind.expect("a text"), answers.expect("a number")))
        .collect()
}

#[tokio::test]
async fn a_python_client_finds_its_own_trace_in_all_three_services() {
    let mut client = Command::new(python_with_packages().await);
    client.arg(scripts().join("foreign-client.py"));
    finds_its_own_traces("python", client).await;
}

#[tokio::test]
async fn a_node_client_finds_its_own_trace_in_all_three_services() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in ["client.cjs", "package.json"] {
        let from = scripts().join("foreign-node").join(file);
        std::fs::copy(from, folder.join(file)).expect("a copy");
    }
    let mut fetch = Command::new("npm");
    fetch
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&folder);
    succeed(fetch).await;
    let mut client = Command::new("node");
    let contracts = scripts().join("../proto");
    client.arg(folder.join("client.cjs")).arg(contracts);
    finds_its_own_traces("node", client).await;
}

/// Makes the calls of a client: each is one trace, from the client to the last hop.
async fn finds_its_own_traces(service: &str, mut client: Command) {
    let mut demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    client.args([&gateway, &demo.collector.endpoint]);
    let printed = succeed(client).await;

    let calls: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(answers(&calls), EXPECTED);
    // Everything is exported when the services have ended.
    assert_eq!(demo.stop().await, [Some(0); 3]);
    let traces = demo.collector.traces();
    assert_eq!(
        traces.len(),
        calls.len(),
        "a trace for each call, and no other"
    );
    for call in calls {
        let id = call["trace_id"].as_str().expect("a text");
        goes_through_the_chain(service, &traces[id]);
    }
}

#[tokio::test]
async fn a_python_client_of_reflection_is_told_of_unknown_names_and_asks_on() {
    let python = python_with_packages().await;
    let demo = Demo::start().await;
    // `profile` takes events, too.
    let services = [("gateway", 5), ("user", 5), ("profile", 6)];
    for (process, (name, methods)) in demo.services().into_iter().zip(services) {
        let address = process.address("grpc").await.to_string();
        let mut client = Command::new(&python);
        client
            .arg(scripts().join("foreign-reflection.py"))
            .arg(&address);
        let printed: Value = serde_json::from_str(&succeed(client).await).expect("JSON");
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let service = format!("tracewalk.{name}.v1.{capital}Service");
        let expected = json!({
            "services": [service, "grpc.health.v1.Health"],
            "unknown": "KeyError",
            "methods": methods,
            "answers": ["file_descriptor_response", "error_response", "file_descriptor_response"],
        });
        assert_eq!(printed, expected, "{name}");
    }
}

/// One root, which is the client's, and a SERVER span of each service below it.
fn goes_through_the_chain(client: &str, trace: &Trace) {
    let [root] = trace.roots()[..] else {
        panic!("one root: {}", trace.tree())
    };
    assert_eq!((root.service.as_str(), root.parent.as_str()), (client, ""));
    let [call] = trace.of(client, "CLIENT").collect::<Vec<_>>()[..] else {
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
