//! Clients in Python and Node, and servers in Python: the trace of a client with OpenTelemetry's own
//! instrumentation goes on through the chain, and a server of grpcio can stand in the place of each hop.
//!
//! Needs Python with `venv`, and Node with npm, and fetches the packages of
//! `scripts/foreign-client.txt` and `scripts/foreign-node/package.json`:
//! `cargo test -p tracewalk --features external --test it -- foreign_client::`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use crate::support::{Caller, Demo, Process, Trace, command};
use serde_json::{Value, json};
use tokio::{process::Command, sync::OnceCell, time::timeout};
use tonic::Code;

/// The packages are a hundred megabytes, which a slow network takes its time for.
const FETCH: Duration = Duration::from_mins(10);

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
async fn a_python_server_serves_every_kind_of_call_in_the_place_of_each_hop() {
    let python = python_with_packages().await;
    let demo = Demo::start().await;
    for places in [
        &["gateway"][..],
        &["user"],
        &["profile"],
        &["user", "profile"],
        &["gateway", "profile"],
    ] {
        let mut next = String::new();
        let mut hops = Vec::new();
        for (name, flags) in [
            ("profile", &["--database-url", "memory:"][..]),
            ("user", &["--database-url", "memory:", "--profile"]),
            ("gateway", &["--http-listen", "127.0.0.1:0", "--user"]),
        ] {
            let is_last = next.is_empty();
            let (hop, field) = if places.contains(&name) {
                let next = (!is_last).then_some(next.as_str());
                let part: Vec<_> = [name].into_iter().chain(next).collect();
                (foreign(&python, &part), "address")
            } else {
                let target = (!is_last).then(|| format!("static:///{next}"));
                let flags: Vec<_> = flags.iter().copied().chain(target.as_deref()).collect();
                (service(name, &flags, &demo), "grpc")
            };
            next = hop.address(field).await.to_string();
            hops.push(hop);
        }
        calls_of_both(&python, &next, &demo, &format!("Python as {places:?}")).await;
    }
}

/// The calls of a Python client, and those of ours.
async fn calls_of_both(python: &Path, gateway: &str, demo: &Demo, what: &str) {
    let mut client = Command::new(python);
    let script = scripts().join("foreign-client.py");
    client.arg(script).args([gateway, &demo.collector.endpoint]);
    let printed = succeed(client).await;
    let calls = printed.lines().map(serde_json::from_str);
    let calls: Vec<Value> = calls.collect::<Result<_, _>>().expect("lines of JSON");
    assert_eq!(answers(&calls), EXPECTED, "{what}");

    let mut caller = Caller::connect(gateway.parse().expect("an address")).await;
    let ours = [
        caller.get("1").await,
        caller.create("ada@rust.example").await,
        caller.watch("1", 2).await,
        caller.import(&["bob@rust.example"]).await,
        caller.lookup(&["1", "nobody", "3"]).await,
    ];
    for (seen, (kind, count)) in ours.iter().zip(EXPECTED) {
        assert_eq!(seen.code, Code::Ok, "{what}: {kind}");
        assert_eq!(seen.messages as u64, count, "{what}: {kind}");
    }
    let nobody = caller.get("nobody").await;
    assert_eq!(nobody.code, Code::NotFound, "{what}");
    for (words, count) in [
        (&["get", "1"][..], 1),
        (&["create"], 1),
        (&["watch", "1", "--updates", "2", "--interval", "20ms"], 2),
        (&["lookup", "1", "nobody", "3"], 3),
    ] {
        let flags = ["--gateway", gateway, "--timeout", "10s", "--json"];
        let printed = succeed(command(&[&["call"], words, &flags].concat())).await;
        let users = printed.matches("\"user_id\"").count();
        assert!(users >= count, "{what}: {words:?}: {printed}");
    }
}

/// A server in Python that plays a part.
fn foreign(python: &Path, part: &[&str]) -> Process {
    let mut command = Command::new(python);
    command.arg(scripts().join("foreign-server.py")).args(part);
    Process::start("python", piped(command))
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

/// One of our services on free ports, which exports to the collector of the demo.
fn service(name: &str, flags: &[&str], demo: &Demo) -> Process {
    Process::service(name, &demo.collector.endpoint, flags, &[])
}

/// With pipes, as a process of the tests has.
fn piped(mut command: Command) -> Command {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
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

/// A Python of our own, with the packages that the scripts import; made once.
async fn python_with_packages() -> PathBuf {
    static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();
    let making = async {
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
    };
    PYTHON.get_or_init(|| making).await.clone()
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
