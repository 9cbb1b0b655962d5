//! Faults that callers ask for, through the whole chain.

mod panics;

use std::{net::TcpListener, time::Duration};

use crate::support::{Caller, Demo, Seen, run};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::timeout;
use tonic::{Code, metadata::MetadataMap};

const ALLOWED: [(&str, &str); 1] = [("TRACEWALK_FAULTS", "true")];

/// Far more than a command takes that waits for a second.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Baggage that asks for these.
fn asking(faults: &str) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let entry = format!("tracewalk.fault={faults}");
    metadata.insert("baggage", entry.parse().expect("visible ASCII"));
    metadata
}

async fn get(caller: &mut Caller, faults: &str) -> Seen {
    caller.get_with("1", asking(faults)).await
}

#[rstest]
#[case::error("profile:error=ABORTED", Code::Aborted, "error=ABORTED")]
#[case::delay("profile/GetProfile:delay=50ms", Code::Ok, "delay=50ms")]
#[case::panic("profile:panic", Code::Internal, "panic")]
#[case::share("profile:error_rate=1&user:delay=1ms", Code::Ok, "error_rate=1")]
#[case::hang("profile:delay=1ms&profile:hang", Code::Ok, "delay=1ms,hang")]
#[case::several(
    "profile:delay=1ms&profile:error=ABORTED",
    Code::Aborted,
    "delay=1ms,error=ABORTED"
)]
#[tokio::test]
async fn fault_of_the_last_hop_is_on_its_span(
    #[case] faults: &str,
    #[case] code: Code,
    #[case] noted: &str,
) {
    let mut demo = Demo::start_with(&ALLOWED).await;
    let seen = get(&mut demo.caller().await, faults).await;
    assert_eq!(seen.code, code);
    demo.stop().await;
    let trace = &demo.collector.traces()[&seen.trace_id];
    let mut profile = trace.of("profile", "SERVER");
    assert!(
        profile.all(|span| span.attribute("tracewalk.fault") == noted),
        "{}",
        trace.tree()
    );
    let gateway = trace.of("gateway", "SERVER").next().unwrap();
    assert_eq!(
        gateway.attribute("tracewalk.fault"),
        "",
        "it is none of its own"
    );
}

#[tokio::test]
async fn first_attempt_fails_and_the_second_does_not() {
    let demo = Demo::start_with(&ALLOWED).await;
    let seen = get(&mut demo.caller().await, "profile:fail_first=1").await;
    assert_eq!(seen.code, Code::Ok);
    let trace = demo.collector.trace(&seen.trace_id, 11).await;
    let codes = trace.of("profile", "SERVER");
    let codes: Vec<_> = codes
        .map(|span| span.attribute("rpc.response.status_code"))
        .collect();
    assert!(
        codes.contains(&"OK") && codes.contains(&"UNAVAILABLE"),
        "{}",
        trace.tree()
    );
}

#[tokio::test]
async fn forgotten_context_begins_another_trace() {
    let demo = Demo::start_with(&ALLOWED).await;
    let seen = get(&mut demo.caller().await, "user:drop_context").await;
    assert_eq!(seen.code, Code::Ok);
    crate::support::until("two traces of one call", async || {
        let traces = demo.collector.traces();
        let before = traces.get(&seen.trace_id)?;
        let after = traces
            .values()
            .find(|trace| trace.of("profile", "SERVER").count() == 1)?;
        let roots = after.roots();
        (before.of("user", "SERVER").count() == 1
            && before.of("profile", "SERVER").count() == 0
            && roots.len() == 1
            && roots[0].label() == "user CLIENT tracewalk.profile.v1.ProfileService/GetProfile")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_no_fault_is_an_invalid_argument() {
    let demo = Demo::start_with(&ALLOWED).await;
    let seen = get(&mut demo.caller().await, "profile:dealy=1s").await;
    assert_eq!(seen.code, Code::InvalidArgument);
}

#[tokio::test]
async fn service_takes_no_faults_unless_it_is_told_to() {
    let demo = Demo::start().await;
    let seen = get(
        &mut demo.caller().await,
        "gateway:panic&user:hang&profile:panic",
    )
    .await;
    assert_eq!(seen.code, Code::Ok);
    let trace = demo.collector.trace(&seen.trace_id, 9).await;
    for span in trace.spans() {
        assert_eq!(span.attribute("tracewalk.fault"), "", "{span:?}");
    }
    let gateway = demo.gateway.address("grpc").await.to_string();
    let asked = [
        "call",
        "get",
        "1",
        "--fault",
        "user:hang",
        "--gateway",
        &gateway,
    ];
    let output = run(&asked).await;
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("takes no faults"), "{error}");
}

#[tokio::test]
async fn gateway_that_says_nothing_of_faults_is_given_up() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().unwrap().to_string();
    let asked = [
        "--fault",
        "user:hang",
        "--timeout",
        "1s",
        "--gateway",
        &mute,
    ];
    for command in [&["call", "get", "1"][..], &["load", "--duration", "1s"]] {
        let output = timeout(MAX_WAIT, run(&[command, &asked].concat())).await;
        let output = output.expect("it ends");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("no answer of the gateway in 1s"), "{error}");
    }
}

#[tokio::test]
async fn command_asks_for_faults() {
    let demo = Demo::start_with(&ALLOWED).await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let asked = [
        "--fault",
        "profile:delay=1ms",
        "--fault",
        "user:error=DATA_LOSS",
    ];
    let call = ["call", "get", "1", "--gateway", &gateway];
    let output = run(&[&call[..], &asked].concat()).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("error: DATA_LOSS"), "{error}");
    let report = load(&gateway, "user:error=DATA_LOSS").await;
    assert_eq!(report["codes"], json!({ "DATA_LOSS": 5 }));
    let report = load(&gateway, "profile:error=UNAVAILABLE").await;
    assert_eq!(report["codes"], json!({ "OK": 5 }));
    assert_eq!(report["degraded"], 5, "{report}");
}

/// The report of five calls that ask for a fault.
async fn load(gateway: &str, fault: &str) -> Value {
    let load = ["load", "--rps", "50", "--duration", "100ms", "--json"];
    let more = ["--mix", "get=100", "--gateway", gateway, "--fault", fault];
    let output = run(&[&load[..], &more].concat()).await;
    serde_json::from_slice(&output.stdout).expect("JSON")
}
