//! Request headers of every kind: `cargo +nightly fuzz run headers`, in `crates/tonic-telemetry`.
//!
//! What is read must be written so that the next hop reads the same.

#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use tonic_telemetry::propagation::{BaggagePropagator, W3cPropagator};

fuzz_target!(|headers: (&str, &str, &str)| {
    let (traceparent, tracestate, baggage) = headers;
    let first = HashMap::from([
        ("traceparent".to_owned(), traceparent.to_owned()),
        ("tracestate".to_owned(), tracestate.to_owned()),
        ("baggage".to_owned(), baggage.to_owned()),
    ]);
    let second = next_hop(&first);
    assert_eq!(next_hop(&second), second);
    assert!(second.values().all(|value| value.is_ascii()), "{second:?}");
});

/// What a hop sends on that got these headers.
fn next_hop(received: &HashMap<String, String>) -> HashMap<String, String> {
    let (context, baggage) = (W3cPropagator::default(), BaggagePropagator::new(["a", "tenant"]));
    let cx = context.extract_with_context(&Context::new(), received);
    let cx = baggage.extract_with_context(&cx, received);
    let mut sent = HashMap::new();
    context.inject_context(&cx, &mut sent);
    baggage.inject_context(&cx, &mut sent);
    sent
}
