//! Whole requests through a real SDK span: the cases of the W3C harness that one header alone
//! does not decide.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use proptest::prelude::*;
use rstest::rstest;

use super::{Headers, HeadersMut, W3cPropagator};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

/// The headers that a service sends on after it got these headers and made a span.
fn passed_on(incoming: &HeaderMap, sampler: Sampler) -> (String, Option<String>) {
    let outgoing = travel(W3cPropagator::default(), incoming, sampler);
    let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
    assert!(outgoing.get_all("tracestate").iter().count() <= 1);
    (
        text(&outgoing["traceparent"]),
        outgoing.get("tracestate").map(text),
    )
}

fn travel(propagator: W3cPropagator, incoming: &HeaderMap, sampler: Sampler) -> HeaderMap {
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let parent = propagator.extract_with_context(&Context::new(), &Headers(incoming));
    let span = provider.tracer("test").start_with_context("call", &parent);
    let mut outgoing = HeaderMap::new();
    propagator.inject_context(&parent.with_span(span), &mut HeadersMut(&mut outgoing));
    outgoing
}

fn continues(traceparent: &str) -> bool {
    traceparent.get(3..35) == Some(TRACE)
}

#[rstest]
#[case(&[], "nothing came")]
#[case(&["00", "00"], "the same header twice")]
#[case(&["00", "01"], "two headers that contradict each other")]
#[case(&["00", "\u{e9}"], "a second header that is no text")]
fn trace_restarts_unless_exactly_one_header_names_it(#[case] flags: &[&str], #[case] reason: &str) {
    let values: Vec<String> = flags
        .iter()
        .map(|flags| format!("{PARENT}{flags}"))
        .collect();
    let mut pairs: Vec<_> = values
        .iter()
        .map(|value| ("traceparent", value.as_str()))
        .collect();
    pairs.push(("tracestate", "foo=1"));

    let (traceparent, tracestate) = passed_on(&headers(&pairs), Sampler::AlwaysOn);
    assert!(!continues(&traceparent), "{reason}: {traceparent}");
    assert_eq!(
        tracestate, None,
        "{reason}: a list without a parent says nothing"
    );
}

#[rstest]
#[case("foo@=1,bar=2", Some("foo@=1,bar=2"), "a key of Level 2")]
#[case("foo=1", Some("foo=1"), "a key of Level 1")]
#[case("FOO=1", None, "a bad list")]
#[case("", None, "an empty list")]
fn list_never_costs_the_parent(
    #[case] list: &str,
    #[case] expected: Option<&str>,
    #[case] reason: &str,
) {
    let parent = format!("{PARENT}01");
    let incoming = headers(&[("traceparent", &parent), ("tracestate", list)]);
    for sampler in [Sampler::AlwaysOn, Sampler::AlwaysOff] {
        let (traceparent, tracestate) = passed_on(&incoming, sampler);
        assert!(continues(&traceparent), "{reason}");
        assert_eq!(tracestate.as_deref(), expected, "{reason}");
    }
}

#[rstest]
#[case("00", "00", "unsampled and not random")]
#[case("01", "01", "sampled and not random")]
#[case("02", "02", "unsampled and random")]
#[case("03", "03", "sampled and random")]
fn flags_of_the_caller_go_on(#[case] came: &str, #[case] goes: &str, #[case] reason: &str) {
    let incoming = headers(&[("traceparent", &format!("{PARENT}{came}"))]);
    let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
    let (traceparent, _) = passed_on(&incoming, sampler);
    assert!(
        continues(&traceparent) && traceparent.ends_with(goes),
        "{reason}: {traceparent}"
    );
}

#[test]
fn trace_that_begins_here_is_random_and_each_call_has_its_own_parent() {
    let (first, _) = passed_on(&HeaderMap::new(), Sampler::AlwaysOn);
    let (second, _) = passed_on(&HeaderMap::new(), Sampler::AlwaysOn);
    assert!(
        first.ends_with("-03") && second.ends_with("-03"),
        "{first} {second}"
    );
    assert_ne!(first.get(3..35), second.get(3..35));
    let (unsampled, _) = passed_on(&HeaderMap::new(), Sampler::AlwaysOff);
    assert!(
        unsampled.ends_with("-02"),
        "an unsampled trace travels too: {unsampled}"
    );
}

#[test]
fn headers_of_other_names_are_not_read() {
    for name in ["trace-parent", "trace.parent", "traceparent2"] {
        let incoming = headers(&[(name, &format!("{PARENT}01"))]);
        assert!(
            !continues(&passed_on(&incoming, Sampler::AlwaysOn).0),
            "{name}"
        );
    }
}

#[test]
fn process_without_spans_passes_on_what_it_got_as_if_it_were_not_there() {
    let parent = format!("{PARENT}03");
    let incoming = headers(&[("traceparent", &parent), ("tracestate", "foo@=1")]);
    let passed = travel(W3cPropagator::pass_through(), &incoming, Sampler::AlwaysOff);
    assert_eq!(passed["traceparent"], parent);
    assert_eq!(passed["tracestate"], "foo@=1");
    let nothing = travel(
        W3cPropagator::pass_through(),
        &HeaderMap::new(),
        Sampler::AlwaysOff,
    );
    assert!(nothing.is_empty(), "{nothing:?}");
}

proptest! {
    #[test]
    fn no_header_can_make_the_request_fail(
        parents in prop::collection::vec("\\PC{0,60}", 0..3),
        lists in prop::collection::vec("\\PC{0,60}", 0..3),
    ) {
        let mut incoming = HeaderMap::new();
        for (name, values) in [("traceparent", parents), ("tracestate", lists)] {
            for value in values.iter().filter_map(|it| HeaderValue::from_bytes(it.as_bytes()).ok()) {
                incoming.append(name, value);
            }
        }
        let (traceparent, _) = passed_on(&incoming, Sampler::AlwaysOn);
        prop_assert_eq!(traceparent.len(), 55);
    }
}
