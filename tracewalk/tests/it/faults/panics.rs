//! A panic that a caller asks for.

use super::{ALLOWED, get};
use crate::support::Demo;
use rstest::rstest;
use serde_json::Value;
use tonic::Code;

#[rstest]
#[case("gateway")]
#[case("user")]
#[case("profile")]
#[tokio::test]
async fn panic_in_a_service_harms_no_other_call(#[case] service: &str) {
    let mut demo = Demo::start_with(&ALLOWED).await;
    let mut others = demo.caller().await;
    let watching = tokio::spawn(async move { others.watch("1", 20).await });
    let mut caller = demo.caller().await;
    for _ in 0..4 {
        let seen = get(&mut caller, &format!("{service}:panic")).await;
        assert_eq!(seen.code, Code::Internal);
        // Over the same connections; and the breaker opens where half of the calls fail.
        for _ in 0..2 {
            assert_eq!(caller.get("1").await.code, Code::Ok);
        }
        let trace = demo.collector.trace(&seen.trace_id, 1).await;
        for server in trace.spans().iter().filter(|span| span.kind == "SERVER") {
            assert_eq!(server.attribute("rpc.response.status_code"), "INTERNAL");
        }
    }
    let watched = watching.await.unwrap();
    assert_eq!((watched.code, watched.messages), (Code::Ok, 20));
    assert_eq!(demo.stop().await, [Some(0); 3], "no process died of it");
    for process in demo.services().into_iter().filter(|it| it.name == service) {
        let ledger = process.event("exported").await;
        assert_eq!(ledger["started"], ledger["exported"], "{ledger}");
    }
}

/// Resident memory in KiB.
fn resident(process: &crate::support::Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid()));
    let status = status.expect("it runs");
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let number = line.expect("Linux says so").trim().trim_end_matches(" kB");
    number.parse().expect("a number")
}

#[tokio::test]
async fn panic_is_one_more_log_line_and_loads_no_symbols() {
    let variables = [ALLOWED[0], ("RUST_BACKTRACE", "1")];
    let mut demo = Demo::start_with(&variables).await;
    let mut caller = demo.caller().await;
    for _ in 0..20 {
        assert_eq!(caller.get("1").await.code, Code::Ok);
    }
    let before = resident(&demo.profile);
    let seen = get(&mut caller, "profile:panic").await;
    assert_eq!(seen.code, Code::Internal);
    let grown = resident(&demo.profile).saturating_sub(before);
    assert!(grown < 8 << 10, "{grown} KiB");

    let line = demo.profile.event("location").await;
    assert_eq!(line["message"], "a thread panicked");
    assert_eq!(line["trace_id"], seen.trace_id.as_str());
    let location = line["location"].as_str().expect("a text");
    assert!(location.contains("inject_fault"), "{location}");
    assert_eq!(demo.stop().await, [Some(0); 3]);
    for line in demo.profile.lines() {
        let line: Result<Value, _> = serde_json::from_str(&line);
        assert!(line.is_ok(), "the report of the standard library: {line:?}");
    }
}
