//! Servers in Python in the place of each hop.

use std::path::Path;

use super::{
    EXPECTED, answers,
    programs::{piped, python_with_packages, scripts, succeed},
};
use crate::support::{Caller, Demo, Process, command};
use serde_json::Value;
use tokio::process::Command;
use tonic::Code;

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

/// One of our services on free ports, which exports to the collector of the demo.
fn service(name: &str, flags: &[&str], demo: &Demo) -> Process {
    Process::service(name, &demo.collector.endpoint, flags, &[])
}
