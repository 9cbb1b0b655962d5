//! What services log goes to the store beside the spans, and is shown below them.

use crate::support::{Caller, Demo, Process, Up, command, run, until};
use hyper::header::HeaderValue;
use proto::gateway::v1::gateway_service_client::GatewayServiceClient;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tonic::{Code, transport::Endpoint};

async fn trace(up: &Value, id: &str, words: &[&str]) -> String {
    let ui = up["ui"].as_str().expect("an address");
    let query_url = format!("http://{ui}");
    let output = run(&[&["trace", id, "--query-url", &query_url], words].concat()).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn log_lines_are_drawn_below_their_spans() {
    let up = Up::start_with(&["--json", "--load", "0"], &[("RUST_LOG", "debug")]);
    let addresses = up.addresses().await;
    let id = addresses["first_trace"].as_str().expect("an id");
    let with_logs = until("what was logged during the first call", async || {
        let shown = trace(&addresses, id, &["--logs", "--json"]).await;
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        let logged = shown["logs"].as_array().expect("a list").len();
        (logged > 0).then_some(shown)
    })
    .await;

    let spans = with_logs["spans"].as_array().expect("a list");
    let logs = with_logs["logs"].as_array().expect("a list");
    let ids: Vec<_> = spans.iter().map(|span| &span["span_id"]).collect();
    for line in logs {
        assert!(ids.contains(&&line["span_id"]), "{line}");
    }
    // The pictures with and without differ in these lines alone.
    let plain = trace(&addresses, id, &[]).await;
    let drawn = trace(&addresses, id, &["--logs"]).await;
    let added: Vec<_> = drawn
        .lines()
        .filter(|line| !plain.lines().any(|other| other == *line))
        .collect();
    assert!(added.len() >= logs.len(), "{drawn}");
    assert!(added.iter().all(|line| line.trim_start().starts_with('+')));
}

/// What a header can hold of a line of its own, of UTF-8 separators and commands, with a long tail.
const FORGERY: &str =
    "x\", \"level\": \"ERROR\"}\t{\"message\": \"forged\"}\u{2028}\u{9b}2J\u{202e}";

#[tokio::test]
async fn no_caller_forges_a_line_or_a_part_of_one_however_much_is_logged() {
    let mut demo = Demo::start_with(&[("RUST_LOG", "trace")]).await;
    let gateway = demo.gateway.address("grpc").await;
    for agent in [FORGERY.to_owned(), format!("{FORGERY}{}", "y".repeat(6000))] {
        let agent = HeaderValue::from_bytes(agent.as_bytes()).expect("no control characters");
        let endpoint = Endpoint::from_shared(format!("http://{gateway}")).expect("a URL");
        let endpoint = endpoint.user_agent(agent).expect("a header value");
        let channel = endpoint.connect().await.expect("the gateway listens");
        let mut caller = Caller {
            gateway: GatewayServiceClient::new(channel),
        };
        assert_eq!(caller.get("1").await.code, Code::Ok);
    }
    assert_eq!(demo.stop().await, [Some(0); 3]);

    let processes = demo.services().into_iter();
    let lines: Vec<_> = processes.flat_map(Process::lines).collect();
    for line in lines {
        // Of a user agent the log has the products alone.
        assert!(!line.contains("forged"), "{line}");
        let Ok(Value::Object(object)) = serde_json::from_str(&line) else {
            panic!("no object: {line}")
        };
        assert_eq!(
            object.contains_key("user_agent"),
            object["target"] == "access"
        );
        let steers = line.contains(['\t', '\u{9b}', '\u{2028}', '\u{202e}']);
        assert!(!steers && line.len() < 6000, "{line}");
    }
}

#[tokio::test]
async fn a_call_by_http_is_logged_with_its_caller() {
    let demo = Demo::start().await;
    let stream = TcpStream::connect(demo.http().await).await;
    let mut stream = stream.expect("the gateway listens");
    let caller = stream.local_addr().expect("an address").to_string();
    let call =
        "GET /v1/users/1 HTTP/1.1\r\nhost: a\r\nuser-agent: curl/8\r\nx-peer: 1.2.3.4\r\n\r\n";
    stream.write_all(call.as_bytes()).await.expect("it reads");
    let line = demo.gateway.line(&caller).await;
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["target"], "access", "{line}");
    assert_eq!(line["user_agent"], "curl/8", "{line}");
    assert_eq!(line["peer"], caller, "{line}");
}

#[tokio::test]
async fn records_that_no_collector_takes_are_counted_in_one_more_line() {
    let mut command = command(&[
        "profile",
        "--database-url",
        "memory:",
        "--stop-on-stdin-eof",
    ]);
    command
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        // Nobody listens there.
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .env("OTEL_LOGS_EXPORTER", "otlp");
    let mut profile = Process::start("profile", command);
    profile.address("grpc").await;
    profile.close_input();
    assert_eq!(profile.ended().await, Some(0));
    let lost = profile.event("log_records_lost").await;
    // `ready`, and the ledger of the spans, at least.
    assert!(lost["log_records_lost"].as_u64() >= Some(2), "{lost}");
    assert_eq!(profile.event("exported").await["started"], 0);
}
