//! What services log goes to the store beside the spans, and is shown below them.

mod support;

use serde_json::Value;
use support::{Up, run, until};

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
