//! From Jaeger's JSON to the lines on the screen.

mod odd;
mod repeats;
mod times;

use serde_json::{Value, json};

use super::{
    Which, jaeger::Trace, paint::Paint, parse_which, tree::Tree, waterfall, wording::length,
};

/// A span of `service` that starts at `start` and lasts `duration` microseconds.
fn span(id: &str, parent: Option<&str>, service: &str, start: u64, duration: u64) -> Value {
    let reference = |parent| json!({ "refType": "CHILD_OF", "traceID": "1", "spanID": parent });
    json!({
        "traceID": "1",
        "spanID": id,
        "operationName": "GetUser",
        "references": parent.map(reference).into_iter().collect::<Vec<_>>(),
        "startTime": start,
        "duration": duration,
        "tags": [],
        "processID": service,
    })
}

fn with_tag(mut span: Value, key: &str, value: &Value) -> Value {
    let tags = span["tags"].as_array_mut().expect("a span has tags");
    tags.push(json!({ "key": key, "type": "string", "value": value }));
    span
}

fn tree(spans: Vec<Value>) -> Tree {
    let services = ["gateway", "user", "profile"];
    let processes = services.map(|name| (name.to_owned(), json!({ "serviceName": name })));
    let trace = json!({
        "traceID": "1",
        "spans": Value::from(spans),
        "processes": serde_json::Map::from_iter(processes),
    });
    Tree::new(Trace::read(trace).expect("it is a trace").spans)
}

fn draw(spans: Vec<Value>, width: usize) -> Vec<String> {
    waterfall::lines("1", &tree(spans), &[], width, Paint::new(false))
}

fn call() -> Vec<Value> {
    let failed = span("4", Some("3"), "profile", 1_500, 1_000);
    let failed = with_tag(failed, "error", &json!(true));
    let failed = with_tag(failed, "rpc.response.status_code", &json!("UNAVAILABLE"));
    vec![
        with_tag(failed, "otel.status_description", &json!("no database")),
        span("3", Some("1"), "user", 1_250, 1_500),
        span("2", Some("1"), "gateway", 1_100, 50),
        span("1", None, "gateway", 1_000, 2_000),
    ]
}

#[test]
fn a_call_is_drawn_as_a_tree_with_bars() {
    let expected = "\
first failure: profile GetUser: UNAVAILABLE: no database
trace 1
4 spans · 3 services · 2.00 ms · 1 error
                  0                   2.00 ms    total     self
gateway GetUser   ███████████████████████████  2.00 ms   450 µs
├gateway GetUser   ▋                             50 µs    50 µs
└user GetUser        ████████████████████▎     1.50 ms   500 µs
 └profile GetUser       █████████████▌         1.00 ms  1.00 ms  ✗ UNAVAILABLE

critical path: profile GetUser 1.00 ms (50 %) · user GetUser 500 µs (25 %) · …";
    assert_eq!(draw(call(), 78).join("\n"), expected);
}

#[test]
fn a_trace_without_a_failure_begins_with_the_span_that_took_the_time() {
    let lines = draw(call().split_off(1), 100);
    let expected = "most time: user GetUser, 1.50 ms of 2.00 ms (75 %)";
    assert_eq!(lines[0], expected);
}

#[test]
fn the_first_failure_is_the_one_that_ended_first_and_a_reason_is_said_once() {
    let spans = call().into_iter().map(|span| {
        let span = with_tag(span, "error", &json!(true));
        with_tag(span, "otel.status_description", &json!("no database"))
    });
    let mut spans: Vec<_> = spans.collect();
    let aborted = json!("ABORTED");
    spans[2] = with_tag(spans[2].clone(), "rpc.response.status_code", &aborted);
    let lines = draw(spans, 100);
    let first = "first failure: gateway GetUser: ABORTED: no database";
    assert_eq!(lines[0], first);
    let reasons: Vec<_> = lines.iter().filter(|line| line.starts_with('✗')).collect();
    let [one, another] = reasons[..] else {
        panic!("{reasons:?}");
    };
    assert_eq!(one, "✗ gateway GetUser: no database");
    assert_eq!(another, "✗ profile GetUser: UNAVAILABLE: no database");
}

#[test]
fn each_hop_says_what_is_left_of_the_deadline() {
    let with_deadline = |span, left: i64| with_tag(span, "tracewalk.deadline_ms", &json!(left));
    let [profile, user, query, gateway] = call().try_into().expect("four spans");
    let spans = vec![
        with_deadline(gateway, 390),
        with_deadline(user, 379),
        with_deadline(profile, 367),
        query,
        // Of the second attempt.
        with_deadline(span("5", Some("1"), "user", 2_900, 9), 90),
    ];
    let lines = draw(spans, 100);
    let expected = "deadline: gateway 390 → user 379 → profile 367 ms";
    assert!(lines.iter().any(|line| line == expected), "{lines:#?}");
    assert!(
        !draw(call(), 100)
            .iter()
            .any(|line| line.contains("deadline"))
    );
}

#[test]
fn a_fault_that_the_caller_asked_for_is_marked() {
    let [failed, user, query, gateway] = call().try_into().expect("four spans");
    let failed = with_tag(failed, "tracewalk.fault", &json!("error=UNAVAILABLE"));
    let lines = draw(vec![failed, user, query, gateway], 80);
    assert!(lines[7].ends_with("✗ UNAVAILABLE ↯"), "{}", lines[7]);
    assert_eq!(lines[9], "↯ profile GetUser: error=UNAVAILABLE");
    let first = "first failure: profile GetUser: UNAVAILABLE: no database";
    assert_eq!(lines[0], first);
}

#[test]
fn links_to_other_traces_are_below_and_no_parents() {
    let link =
        |id: u64| json!({ "refType": "FOLLOWS_FROM", "traceID": format!("{id:x}"), "spanID": "9" });
    let mut batch = span("1", None, "user", 0, 9);
    batch["references"] = (10..17).map(link).collect();
    let lines = draw(vec![batch], 80);
    assert!(!lines[1].contains("missing parent"), "{lines:?}");
    assert_eq!(lines[5], "→ user GetUser: link to trace a");
    assert_eq!(lines[9], "→ user GetUser: link to trace e");
    assert_eq!(lines[10], "→ and 2 more links");
}

#[test]
fn the_events_of_a_span_are_read() {
    let mut retried = span("1", None, "user", 0, 9);
    retried["logs"] = json!([{ "fields": [{ "key": "event", "value": "retry" }] }, {}]);
    assert_eq!(tree(vec![retried]).rows()[0].span.events, ["retry"]);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 60..200 {
        for line in draw(call(), width) {
            assert!(length(&line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn wide_letters_take_two_columns_and_bars_stand_in_one_row() {
    let mut wide = span("2", Some("1"), "user", 1, 5);
    wide["operationName"] = json!("漢字/取得");
    let lines = draw(vec![span("1", None, "user", 1, 5), wide], 60);
    let bar = |line: &String| line.find('█').map(|place| length(&line[..place]));
    assert_eq!(bar(&lines[4]), bar(&lines[5]), "{lines:#?}");
}

#[test]
fn colours_are_the_only_difference_that_colours_make() {
    let painted = waterfall::lines("1", &tree(call()), &[], 100, Paint::new(true)).join("\n");
    assert!(painted.contains("\u{1b}["));
    assert_eq!(
        console::strip_ansi_codes(&painted),
        draw(call(), 100).join("\n")
    );
}

#[test]
fn short_ids_are_padded_and_lowercase() {
    let padded = "00000000000000000000000000004bf9".to_owned();
    assert_eq!(parse_which("4BF9"), Ok(Which::Id(padded)));
    assert_eq!(parse_which("last"), Ok(Which::Last));
}

#[test]
fn what_is_no_id_is_refused() {
    for text in ["", "xyz", "+1", &"1".repeat(33), "é"] {
        assert!(parse_which(text).is_err(), "{text}");
    }
}
