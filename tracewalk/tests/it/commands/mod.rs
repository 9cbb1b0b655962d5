//! What the commands print, and the codes that they end with.

mod usage;

use crate::support::{Demo, Process, command, run, until};

#[tokio::test]
async fn a_load_without_a_good_call_ends_with_1_unless_it_asks_for_that() {
    let demo = Demo::start_with(&[("TRACEWALK_FAULTS", "true")]).await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let load = ["load", "--rps", "20", "--duration", "1s", "--mix", "get=1"];
    let load = [&load[..], &["--gateway", &gateway]].concat();
    let failing = [&load[..], &["--fault", "gateway:error=DATA_LOSS"]].concat();
    assert_eq!(run(&load).await.status.code(), Some(0));
    assert_eq!(run(&failing).await.status.code(), Some(0));
    demo.user.signal("KILL").await;
    assert_eq!(run(&load).await.status.code(), Some(1));
}

#[tokio::test]
async fn each_call_prints_its_answer_and_the_link_to_its_trace() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        r#"{"name": "Ada", "email": "ada@test.example"}"#,
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    for (words, expected) in [
        (&["get", "1"][..], "email"),
        (&["create", "--name", "Linus"], "Linus"),
        (
            &["watch", "1", "--updates", "2", "--interval", "10ms"],
            "update 2",
        ),
        (&["import", path], "imported  1"),
        (&["lookup", "1", "nobody"], "USER_NOT_FOUND"),
    ] {
        let output = run(&[&["call", "--gateway", &gateway], words].concat()).await;
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
        let link = text.lines().last().unwrap().trim();
        let trace_id = link.strip_prefix("http://127.0.0.1:16686/trace/").unwrap();
        demo.collector.trace(trace_id, 9).await;
    }
}

#[tokio::test]
async fn a_refused_call_prints_reason_fields_and_trace_and_ends_with_1() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let output = run(&["call", "get", "not an id", "--gateway", &gateway]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    for part in [
        "error: INVALID_ARGUMENT",
        "INVALID_USER_ID",
        "user_id",
        "/trace/",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let output = run(&["call", "get", "not an id", "--gateway", &gateway, "--json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["error"]["code"], "INVALID_ARGUMENT");
    assert_eq!(answer["error"]["violations"][0]["field"], "user_id");
    assert_eq!(answer["trace_id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_load_counts_as_many_calls_as_the_gateway() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let words = [
        "load",
        "--rps",
        "30",
        "--duration",
        "2s",
        "--json",
        "--gateway",
        &gateway,
    ];
    let output = run(&words).await;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["codes"], serde_json::json!({ "OK": 60 }), "{report}");
    assert_eq!(report["latency"]["calls"], 60);
    let metrics = demo.gateway.metrics().await;
    let codes = metrics.codes(
        "grpc_rpc_duration_seconds_count",
        "tracewalk.gateway.v1.GatewayService",
    );
    assert_eq!(codes, [("OK".to_owned(), 60)].into());
}

#[tokio::test]
async fn a_load_that_is_interrupted_still_reports() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let words = ["load", "--duration", "1h", "--gateway", &gateway];
    let mut load = Process::start("load", command(&words));
    until("calls", async || {
        let metrics = demo.gateway.metrics().await;
        (metrics.sum("grpc_rpc_duration_seconds_count", &[]) > 10).then_some(())
    })
    .await;
    load.signal("INT").await;
    assert_eq!(load.ended().await, Some(0));
    let said = load.lines().join("\n");
    for part in ["calls in", "p99.9", "OK", "slowest"] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[tokio::test]
async fn health_says_whether_a_service_serves() {
    let demo = Demo::start().await;
    for service in demo.services() {
        let address = service.address("grpc").await.to_string();
        let output = run(&["health", &address]).await;
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "SERVING\n");
        let output = run(&["health", &address, "--service", "no.such.Service"]).await;
        assert_eq!(output.status.code(), Some(1));
    }
}
