//! Which traces a search finds.

mod parameters;

use std::time::Duration;

use crate::support::{
    backend::{Backend, escape},
    spans::{call, child_of, event, failed, lasting, now, service, span, text},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use rstest::rstest;
use serde_json::json;

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// In seconds.
const HOUR: u64 = 3_600;

/// `{:032x}` of each.
fn ids(traces: &[u128]) -> Vec<String> {
    traces.iter().map(|id| format!("{id:032x}")).collect()
}

/// A span of one millisecond that started some seconds ago.
fn started(seconds_ago: u64, span: Span) -> Span {
    let start = now() - seconds_ago * SECOND;
    Span {
        start_time_unix_nano: start,
        end_time_unix_nano: start + 1_000_000,
        ..span
    }
}

/// Trace 1: user, 1 ms. Trace 2, the latest: profile, 200 ms, failed, with tags. Trace 3: user,
/// five hours ago.
async fn backend() -> Backend {
    let backend = Backend::start().await;
    let slow = lasting(Duration::from_millis(200), started(1, span(2, 1)));
    let tagged = Span {
        name: "load".to_owned(),
        attributes: vec![text("user.id", "ada"), text("empty", "")],
        events: vec![event("cache miss", now())],
        ..failed("boom", slow)
    };
    let users = vec![started(2, span(1, 1)), started(5 * HOUR, span(3, 1))];
    backend.export(vec![service("user", users)]).await;
    backend.export(vec![service("profile", vec![tagged])]).await;
    backend
}

#[rstest]
#[case("service=user", &[1, 3])]
#[case("service=profile", &[2])]
#[case("service=nobody", &[])]
#[case("", &[2, 1, 3])]
#[case("limit=1", &[2])]
#[case("service=profile&operation=load", &[2])]
#[case("service=user&operation=load", &[])]
#[case("minDuration=100ms", &[2])]
#[case("minDuration=1.5ms", &[2])]
#[case("maxDuration=100ms", &[1, 3])]
#[case("minDuration=200ms&maxDuration=200ms", &[2])]
#[case("lookback=1h", &[2, 1])]
#[case("lookback=2d", &[2, 1, 3])]
#[case("lookback=custom", &[2, 1, 3])]
#[case("service=user&operation=&tags=&minDuration=", &[1, 3])]
#[case("tag=user.id:ada", &[2])]
#[case("tag=user.id:ada&tag=error:true", &[2])]
#[case("tag=user.id:ada&tag=error:false", &[])]
#[case("tag=empty:", &[2])]
#[case("tag=user.id:ada&tags=%7B%22error%22%3A%22true%22%7D", &[2])]
#[case("tags=%7B%22error%22%3A%22true%22%7D&tags=%7B%22user.id%22%3A%22bob%22%7D", &[])]
#[case("tags=%7B%22user.id%22%3A%22bob%22%7D&tags=%7B%22error%22%3A%22true%22%7D", &[])]
#[case("tags=%7B%7D", &[2, 1, 3])]
#[case("spanKind=internal", &[2, 1, 3])]
#[case("spanKind=SERVER", &[])]
#[case("traceID=3&service=profile", &[3])]
#[case("service=user&service=user", &[1, 3])]
#[case("service=user&view=list&uiEmbed=v0&spanLinks=x&raw=true&prettyPrint=true", &[1, 3])]
#[tokio::test]
async fn a_search_finds_what_it_asks_for(#[case] query: &str, #[case] expected: &[u128]) {
    assert_eq!(
        backend().await.search(query).await,
        ids(expected),
        "{query}"
    );
}

#[rstest]
#[case(r#"{"error":"true"}"#, true)]
#[case(r#"{"error":true}"#, true)]
#[case(r#"{"user.id":"ada"}"#, true)]
#[case(r#"{"user.id":"ada","error":"true"}"#, true)]
#[case(r#"{"user.id":"ada","error":"false"}"#, false)]
#[case(r#"{"user.id":"bob"}"#, false)]
#[case(r#"{"event":"cache miss"}"#, true)]
#[case(r#"{"span.kind":"internal"}"#, true)]
#[case(r#"{"otel.status_description":"boom"}"#, true)]
#[case(r#"{"otel.scope.name":"by hand"}"#, true)]
#[tokio::test]
async fn tags_are_found_wherever_they_are_shown(#[case] tags: &str, #[case] found: bool) {
    let backend = backend().await;
    let tags = escape(tags);
    let expected: &[u128] = if found { &[2] } else { &[] };
    let query = format!("service=profile&tags={tags}");
    assert_eq!(backend.search(&query).await, ids(expected));
}

#[tokio::test]
async fn start_and_end_are_in_microseconds() {
    let backend = backend().await;
    let hours_ago = |hours: u64| (now() - hours * HOUR * SECOND) / 1_000;
    let query = format!("start={}&end={}", hours_ago(6), hours_ago(4));
    assert_eq!(backend.search(&query).await, ids(&[3]));
    let query = format!("start={}&lookback=custom", hours_ago(4));
    assert_eq!(backend.search(&query).await, ids(&[2, 1]));
    let query = format!("end={}&lookback=2h", hours_ago(4));
    assert_eq!(backend.search(&query).await, ids(&[3]));
}

#[tokio::test]
async fn all_conditions_must_hold_for_one_span() {
    let backend = Backend::start().await;
    backend.export(call(1, now(), true)).await;
    assert_eq!(
        backend
            .search("service=profile&tags=%7B%22error%22:%22true%22%7D")
            .await
            .len(),
        1
    );
    assert_eq!(
        backend
            .search("service=gateway&tags=%7B%22error%22:%22true%22%7D")
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn a_trace_whose_root_is_elsewhere_is_found() {
    let backend = Backend::start().await;
    backend
        .export(vec![service("user", vec![child_of(99, span(1, 1))])])
        .await;
    assert_eq!(backend.search("service=user").await, ids(&[1]));
}

#[tokio::test]
async fn traces_are_found_by_their_ids_and_the_missing_ones_are_named() {
    let backend = backend().await;
    let answer = backend
        .get("/api/traces?traceID=2&traceID=1&traceID=abc")
        .await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!(answer["data"][0]["traceID"], format!("{:032x}", 2));
    assert_eq!(answer["data"][1]["traceID"], format!("{:032x}", 1));
    let missing =
        json!([{ "code": 404, "msg": "trace not found", "traceID": format!("{:032x}", 0xabc) }]);
    assert_eq!(answer["errors"], missing);
}

#[tokio::test]
async fn one_trace_may_be_asked_for_by_its_time_and_in_lines() {
    let backend = backend().await;
    let hour_ago = (now() - HOUR * SECOND) / 1_000;
    for (query, status) in [("end", 404), ("start", 200)] {
        let path = format!("/api/traces/2?{query}={hour_ago}");
        assert_eq!(backend.get(&path).await.status, status, "{path}");
    }
    let pretty = backend.get("/api/traces/2?prettyPrint=true").await;
    assert!(pretty.text().lines().count() > 10);
    let plain = backend.get("/api/traces/2?prettyPrint=false").await;
    assert_eq!(plain.text().lines().count(), 1);
    assert_eq!(pretty.json(), plain.json());
}
