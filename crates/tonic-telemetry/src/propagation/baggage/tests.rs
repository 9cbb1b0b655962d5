use http::{HeaderMap, HeaderValue};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::{Context, KeyValue};
use proptest::prelude::*;
use rstest::rstest;

use super::BaggagePropagator;
use crate::propagation::{Headers, HeadersMut};

fn received(lines: &[&str], allowed: &[&str]) -> Context {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(
            "baggage",
            HeaderValue::from_bytes(line.as_bytes()).expect("a header"),
        );
    }
    let propagator = BaggagePropagator::new(allowed.iter().copied());
    propagator.extract_with_context(&Context::new(), &Headers(&headers))
}

fn sent(cx: &Context, allowed: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    let propagator = BaggagePropagator::new(allowed.iter().copied());
    propagator.inject_context(cx, &mut HeadersMut(&mut headers));
    headers
        .get("baggage")
        .map(|value| value.to_str().expect("text").to_owned())
}

#[rstest]
#[case(&["k=a=b"], "a=b", "an equals sign belongs to the value")]
#[case(&["k=100%2525"], "100%25", "one level is decoded")]
#[case(&["k=a%0Ab"], "a\nb", "a line break reaches who reads it, and no log line")]
#[case(&["k=%C3%BC"], "ü", "UTF-8")]
#[case(&["k=%ff"], "\u{fffd}", "what is no UTF-8 is replaced")]
#[case(&["k=100%"], "100%", "a percent sign that encodes nothing")]
#[case(&["k="], "", "an empty value")]
#[case(&[" k \t=\t v ;p = 1"], "v", "white space around everything")]
#[case(&["a=1", "k=2"], "2", "a second header")]
#[case(&["k=1,k=2"], "2", "the last of two")]
#[case(&["bad key=1,k=2"], "2", "a bad neighbour")]
fn value_is_read_as_the_specification_says(
    #[case] lines: &[&str],
    #[case] expected: &str,
    #[case] reason: &str,
) {
    let cx = received(lines, &["k"]);
    assert_eq!(
        cx.baggage()
            .get("k")
            .map(opentelemetry::StringValue::as_str),
        Some(expected),
        "{reason}"
    );
}

#[rstest]
#[case("k", "no equals sign")]
#[case("=v", "no key")]
#[case("k(=v", "a key that is no token")]
#[case("k=a b", "white space in a value")]
#[case("k=\"a\"", "quotes in a value")]
#[case("k=a\\b", "a backslash in a value")]
#[case("k=\u{e9}", "a value that is not ASCII")]
#[case("k=v;", "an empty property")]
#[case("k=v;p p=1", "a property that is no token")]
fn member_that_breaks_the_grammar_is_left_out(#[case] line: &str, #[case] reason: &str) {
    assert_eq!(
        received(&[line], &["k"]).baggage().get("k"),
        None,
        "{reason}"
    );
}

#[test]
fn what_came_goes_on_as_it_was_written_and_only_what_is_allowed() {
    let lines = ["z=100%2525;p;q=1,secret=1", "a=b=c%5Cd"];
    let cx = received(&lines, &["a", "z"]);
    assert_eq!(
        sent(&cx, &["a", "z"]).as_deref(),
        Some("z=100%2525;p;q=1,a=b=c%5Cd")
    );
    assert_eq!(sent(&received(&lines, &[]), &[]), None);
}

#[test]
fn process_may_change_add_and_take_away() {
    let cx = received(&["a=1,b=2,c=3"], &["a", "b", "c", "d"]);
    let pairs = [("a", "1"), ("b", "x y,%"), ("d", "ü"), ("secret", "1")];
    let cx = cx.with_baggage(pairs.map(|(key, value)| KeyValue::new(key, value)));
    let sent = sent(&cx, &["a", "b", "c", "d"]);
    assert_eq!(sent.as_deref(), Some("a=1,b=x%20y%2C%25,d=%C3%BC"));
}

#[test]
fn list_that_is_too_long_is_cut_between_members() {
    let keys: Vec<String> = (0..70).map(|number| format!("k{number}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let short = keys
        .iter()
        .map(|key| format!("{key}=1"))
        .collect::<Vec<_>>()
        .join(",");
    let long = keys
        .iter()
        .map(|key| format!("{key}={}", "v".repeat(1000)))
        .collect::<Vec<_>>();

    let kept = sent(&received(&[&short], &keys), &keys).expect("some fit");
    assert_eq!(kept.split(',').count(), 64);
    let kept = sent(&received(&[&long.join(",")], &keys), &keys).expect("some fit");
    assert_eq!(kept, long[..8].join(","));
}

#[test]
fn value_that_grows_too_long_when_it_is_encoded_is_not_sent() {
    let pairs = [("a", "1".to_owned()), ("b", "ü".repeat(2000))];
    let cx = received(&["c=3"], &["c"])
        .with_baggage(pairs.map(|(key, value)| KeyValue::new(key, value)));
    assert_eq!(cx.baggage().len(), 2, "the API takes 4,000 bytes");
    assert_eq!(sent(&cx, &["a", "b", "c"]).as_deref(), Some("a=1"));
}

proptest! {
    #[test]
    fn reading_never_panics_and_a_second_hop_reads_the_same(line in "[ab=;,% \\\\\"0-9A-F\u{e9}]{0,40}") {
        let allowed = ["a", "b", "ab"];
        let first = sent(&received(&[&line], &allowed), &allowed);
        if let Some(first) = first {
            prop_assert_eq!(sent(&received(&[&first], &allowed), &allowed), Some(first.clone()));
        }
    }

    #[test]
    fn whatever_a_process_adds_arrives(value in "\\PC{0,40}") {
        let cx = Context::new().with_baggage([KeyValue::new("a", value.clone())]);
        let line = sent(&cx, &["a"]).expect("the key is allowed");
        let read = received(&[&line], &["a"]);
        prop_assert_eq!(read.baggage().get("a").map(opentelemetry::StringValue::as_str), Some(value.as_str()));
    }
}
